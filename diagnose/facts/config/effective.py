"""What the trainer really does with the declared settings: per-expert rates, adaptivity, LoRA scale, alpha phases.

The trainers' behaviour is data (`knowledge/trainers/`); this module applies it to one config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import AUTOMAGIC, PER_EXPERT_PREFIXES, Config
from diagnose.facts.record import Recorder
from diagnose.trainers.model import TrainerModel

BOUNDS = ("lr_bump", "min_lr", "max_lr")
"""The settings of automagic that may be given per expert."""


class PerExpert(str, Enum):
    """What becomes of the per-expert keys."""

    NONE = "not declared"
    IN_EFFECT = "in effect"
    DROPPED = "dropped"
    PARTLY = "partly dropped"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class EffectiveRates:
    """What the optimizer works with.

    `bounds` maps expert and setting to the value in effect; empty unless the optimizer is automagic.
    `why` explains the fate of the per-expert keys, with the trainer's file and line.
    """

    fate: PerExpert
    why: str
    missing: tuple[str, ...]
    declared_ratio: float | None
    ratio: float | None
    bounds: Mapping[tuple[Expert, str], float]
    places: tuple[Place, ...]


def effective_rates(config: Config, trainer: TrainerModel | None) -> EffectiveRates | None:
    """Return what the trainer takes of the declared rates; None when that depends on a trainer we do not know."""
    keys = config.per_expert_keys()
    fate = _fate(config, trainer, keys)
    if fate is None:
        return None
    verdict, why, missing = fate
    automagic = config.optimizer == AUTOMAGIC
    declared = {(e, b): _value(config, e, b, per_expert=True) for e in Expert for b in BOUNDS}
    taken = {(e, b): _value(config, e, b, per_expert=_is_read(config, b, verdict)) for e in Expert for b in BOUNDS}
    two = config.may_have_two_experts
    both = two and config.trains_both
    places = tuple(keys.values()) or (config.setting("train.optimizer").place,)
    # with a key that is refused, or a rate that is text, the run never takes a step, so nothing is in effect
    starts = verdict is not PerExpert.REFUSED and not any(
        config.text(f"train.optimizer_params.{key}") for key in rate_keys(config, verdict)
    )
    return EffectiveRates(
        verdict,
        why,
        missing,
        declared_ratio=_ratio(declared) if two and (automagic or keys) else (1.0 if both else None),
        ratio=(_ratio(taken) if automagic else 1.0) if both and starts else None,
        bounds=taken if automagic and starts else {},
        places=places,
    )


def _fate(
    config: Config, trainer: TrainerModel | None, keys: Mapping[str, Place]
) -> tuple[PerExpert, str, tuple[str, ...]] | None:
    """Return fate, reason and missing shared keys; None where the unknown trainer decides."""
    if not keys:
        return PerExpert.NONE, "no per-expert key is declared", ()
    if config.optimizer != AUTOMAGIC:
        why = f"{config.optimizer} takes no such keyword: the trainers hand it optimizer_params as they stand"
        return PerExpert.REFUSED, why, ()
    if trainer is None:
        return None
    if not trainer.per_expert.supported:
        return PerExpert.REFUSED, f"{trainer.label} does not know these keys ({trainer.per_expert.source})", ()
    ignored = _reason_to_ignore(config, trainer)
    return (PerExpert.IGNORED, ignored, ()) if ignored else _fate_by_base_keys(config, trainer, keys)


def _reason_to_ignore(config: Config, trainer: TrainerModel) -> str | None:
    if config.architecture not in trainer.per_expert.archs:
        return f"per-expert groups exist for {', '.join(trainer.per_expert.archs)} only"
    if not config.trains_both:
        return "one expert alone is one parameter group, which takes lr_bump, min_lr and max_lr without a prefix"
    return None


def _fate_by_base_keys(
    config: Config, trainer: TrainerModel, keys: Mapping[str, Place]
) -> tuple[PerExpert, str, tuple[str, ...]]:
    shared = config.mapping("train.optimizer_params")
    wanted = {
        key.removeprefix(prefix) for key in keys for prefix in PER_EXPERT_PREFIXES.values() if key.startswith(prefix)
    } & set(BOUNDS)
    if not wanted:
        return PerExpert.DROPPED, f"of such keys only {', '.join(BOUNDS)} are read ({trainer.per_expert.source})", ()
    missing = tuple(bound for bound in BOUNDS if bound in wanted and shared.get(bound) is None)
    if not missing:
        return PerExpert.IN_EFFECT, "the shared keys are present", ()
    fate = PerExpert.DROPPED if set(missing) == wanted else PerExpert.PARTLY
    names = " and ".join(missing)
    return fate, f"without the shared {names} in optimizer_params ({trainer.per_expert.source})", missing


def rate_keys(config: Config, fate: PerExpert) -> frozenset[str]:
    """Return the keys of optimizer_params that automagic takes its rates from, none for another optimizer."""
    if config.optimizer != AUTOMAGIC or fate is PerExpert.REFUSED:
        return frozenset()
    names = set()
    for expert in Expert:
        for bound in BOUNDS:
            own = f"{PER_EXPERT_PREFIXES[expert]}{bound}"
            takes_own = _is_read(config, bound, fate) and config.setting(f"train.optimizer_params.{own}").written
            names.add(own if takes_own else bound)
    return frozenset(names)


def _is_read(config: Config, bound: str, fate: PerExpert) -> bool:
    if fate not in {PerExpert.IN_EFFECT, PerExpert.PARTLY}:
        return False
    return config.mapping("train.optimizer_params").get(bound) is not None


def _value(config: Config, expert: Expert, bound: str, *, per_expert: bool) -> float:
    names = [f"{PER_EXPERT_PREFIXES[expert]}{bound}"] if per_expert else []
    for name in [*names, bound]:
        found = config.number(f"train.optimizer_params.{name}")
        if found is not None and found.value >= 0:
            return float(found.value)
    return config.model.automagic[bound]


def _ratio(values: Mapping[tuple[Expert, str], float]) -> float | None:
    low = values[Expert.LOW, "lr_bump"]
    return values[Expert.HIGH, "lr_bump"] / low if low > 0 else None


def adapts(config: Config, trainer: TrainerModel) -> bool | None:
    """Return whether automagic can adapt its rates; None for other optimizers.

    The fork keeps a parameter's rate whenever it was not updated in the optimizer step just before. The expert
    switches every `switch_boundary_every` batches, `gradient_accumulation` batches make one step: when the two are
    equal, every step trains the other expert than the last, and no rate ever moves.
    """
    if config.optimizer != AUTOMAGIC:
        return None
    if not (trainer.freezes_when_paused and config.trains_both):
        return True
    switch, accumulation = (
        config.number("train.switch_boundary_every"),
        config.number("train.gradient_accumulation"),
    )
    if switch is None or accumulation is None:
        return None
    return bool(switch.value != accumulation.value)


@dataclass(frozen=True, slots=True)
class Scale:
    """The LoRA's scale in training, and how much stronger a loader applies the saved file (1.0: the same)."""

    training: float
    excess: float
    places: tuple[Place, ...]
    why: str


def lora_scale(config: Config, trainer: TrainerModel) -> Scale | None:
    """Return the scale in training against the scale at inference; None for a network that is no plain LoRA.

    Transformer LoRAs are kept in the peft form: alpha = rank, no alpha in the file, so a loader applies scale 1.
    The fork's alpha schedule trains at linear_alpha / rank all the same.
    """
    kind, rank = config.text("network.type"), config.rank
    if kind is None or kind.value.lower() != "lora" or rank is None or rank.value <= 0:
        return None
    enabled = config.flag("network.alpha_schedule.enabled", default=False)
    if not (enabled.value and trainer.alpha_schedule.read):
        return Scale(1.0, 1.0, (rank.place,), "alpha = rank in training, and no alpha in the file")
    alpha = config.number("network.alpha_schedule.linear_alpha")
    value = float(alpha.value) if alpha is not None else trainer.alpha_schedule.linear_alpha
    scale = value / rank.value
    if scale <= 0:
        return None
    places = ((alpha.place,) if alpha is not None else (enabled.place,)) + (rank.place,)
    return Scale(scale, 1 / scale, places, f"{value:g}/{rank.value:g} while training; {trainer.alpha_schedule.source}")


def record_effective(
    config: Config,
    trainer: TrainerModel | None,
    rates: EffectiveRates | None,
    conv_modules: int | None,
    record: Recorder,
) -> None:
    """Record the facts `effective.*`; `rates` are those in effect."""
    if rates is not None:
        _record_rates(rates, record)
    if trainer is None:
        return
    label = [Place(config.reading.file)]
    record.known(
        "effective.per_expert_capable", trainer.per_expert.supported, places=label, note=trainer.per_expert.source
    )
    moving = adapts(config, trainer)
    if moving is not None:
        switch = config.setting("train.switch_boundary_every")
        record.known("effective.lr_adapts", moving, places=[switch.place], note=trainer.freeze_source)
    scale = lora_scale(config, trainer)
    if scale is not None:
        record.known("effective.training_scale", scale.training, places=scale.places, note=scale.why)
        record.known("effective.scale_excess", scale.excess, places=scale.places, note=scale.why)
    _record_phases(config, trainer, conv_modules, record)


def _record_rates(rates: EffectiveRates, record: Recorder) -> None:
    record.known("effective.per_expert_keys", rates.fate.value, places=rates.places, note=rates.why)
    if rates.missing:
        record.known("effective.missing_base_keys", ", ".join(rates.missing), places=rates.places)
    for name, value in (("lr_ratio_declared", rates.declared_ratio), ("lr_ratio", rates.ratio)):
        if value is not None:
            record.known(f"effective.{name}", value, places=rates.places, note=rates.why)
    for (expert, bound), value in rates.bounds.items():
        fact = {"lr_bump": "lr_bump", "min_lr": "lr_min", "max_lr": "lr_max"}[bound]
        record.known(
            f"effective.{fact}",
            value,
            subject=expert.value,
            places=rates.places,
            note=f"{rates.fate.value}: {rates.why}",
        )


def _record_phases(config: Config, trainer: TrainerModel, conv_modules: int | None, record: Recorder) -> None:
    enabled = config.flag("network.alpha_schedule.enabled", default=False)
    if not enabled.value:
        return
    if not trainer.alpha_schedule.read:
        acts, why = False, f"{trainer.label} does not read the key"
    elif conv_modules is not None:
        acts, why = conv_modules > 0, f"{conv_modules} convolution modules in the saved network"
    elif config.is_wan22_14b:
        acts, why = False, "every LoRA target of the WAN transformer is a linear layer"
    else:
        return
    record.known("effective.alpha_phases_act", acts, places=[enabled.place], note=why)

"""What becomes of the learning rates a config declares: which of the per-expert ones are read, and whether they move.

What differs between the trainers of the family is data (`knowledge/trainers/`); this module applies it to one config.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.answers import BOUNDS, EffectiveRates, PerExpert
from diagnose.trainers.declared import AUTOMAGIC, Config

HIGHEST_START, FORCED_START = 1e-3, 1e-6
"""A start above the first is replaced by the second (automagic.py:24-26 of the fork; upstream does the same)."""
SCALE_FREE = ("dadaptation", "prodigy")
SCALE_FREE_LEAST, SCALE_FREE_START = 0.1, 1.0
"""Optimizers that find the rate themselves take a factor, and one below the first is replaced (optimizer.py:16-52)."""


def effective_rates(trainer: AiToolkitModel, config: Config, *, decided: bool = True) -> EffectiveRates | None:
    """Return what the trainer takes of the declared rates; None when that depends on a trainer we do not know."""
    keys = config.per_expert_keys()
    fate = _fate(config, trainer if decided else None, keys)
    if fate is None:
        return None
    verdict, why, missing = fate
    automagic = config.optimizer == AUTOMAGIC
    declared = {(e, b): _value(config, trainer, e, b, per_expert=True) for e, b in product(Expert, BOUNDS)}
    read = {bound: _is_read(config, bound, verdict) for bound in BOUNDS}
    taken = {(e, b): _value(config, trainer, e, b, per_expert=read[b]) for e, b in product(Expert, BOUNDS)}
    two = config.may_have_two_experts
    both = two and config.trains_both
    # with a key that is refused, or a rate that is text, the run never takes a step, so nothing is in effect
    names = _rates_taken(config, verdict)
    starts = verdict is not PerExpert.REFUSED and not any(config.text(name) for name in names)
    return EffectiveRates(
        verdict,
        why,
        missing,
        declared_ratio=_ratio(declared) if two and (automagic or keys) else (1.0 if both else None),
        ratio=(_ratio(taken) if automagic else 1.0) if both and starts else None,
        bounds=taken if automagic and starts else {},
        places=tuple(keys.values()) or (config.place("optimizer"),),
        taken=names if automagic else ("rate",),
    )


def _fate(
    config: Config, trainer: AiToolkitModel | None, keys: Mapping[str, Place]
) -> tuple[PerExpert, str, tuple[str, ...]] | None:
    """Return fate, reason and missing shared keys; None where the unknown trainer decides."""
    if not keys:
        return PerExpert.NONE, "no per-expert key is declared", ()
    if config.optimizer != AUTOMAGIC:
        why = f"{config.optimizer} has no such parameter: the trainers pass optimizer_params to it unchanged"
        return PerExpert.REFUSED, why, ()
    if trainer is None:
        return None
    if not trainer.per_expert.supported:
        return PerExpert.REFUSED, f"{trainer.label} does not know these keys ({trainer.per_expert.source})", ()
    return _fate_where_known(config, trainer)


def _fate_where_known(config: Config, trainer: AiToolkitModel) -> tuple[PerExpert, str, tuple[str, ...]]:
    """Return the fate under a trainer that knows such keys: the shared ones decide."""
    if config.architecture not in trainer.per_expert.archs:
        return PerExpert.IGNORED, f"per-expert groups exist for {', '.join(trainer.per_expert.archs)} only", ()
    if not config.trains_both:
        why = "one expert alone is one parameter group, which takes lr_bump, min_lr and max_lr without a prefix"
        return PerExpert.IGNORED, why, ()
    wanted = [b for b in BOUNDS if any(config.setting(f"rate.{b}.{expert.value}").written for expert in Expert)]
    if not wanted:
        read = ", ".join(bound_keys(config))
        return PerExpert.DROPPED, f"of such keys only {read} are read ({trainer.per_expert.source})", ()
    lacking = [bound for bound in wanted if not config.setting(f"rate.{bound}").given]
    if not lacking:
        return PerExpert.IN_EFFECT, "the shared keys are present", ()
    fate = PerExpert.DROPPED if lacking == wanted else PerExpert.PARTLY
    missing = bound_keys(config, lacking)
    names = " and ".join(missing)
    return fate, f"without the shared {names} in optimizer_params ({trainer.per_expert.source})", missing


def bound_keys(config: Config, bounds: Sequence[str] = BOUNDS) -> tuple[str, ...]:
    """Return the last words of the keys of automagic's bounds."""
    return tuple(config.called(f"rate.{bound}").rpartition(".")[2] for bound in bounds)


def _rates_taken(config: Config, fate: PerExpert) -> tuple[str, ...]:
    """Return the settings that automagic takes its rates from, in order of their keys; none for another optimizer."""
    if config.optimizer != AUTOMAGIC or fate is PerExpert.REFUSED:
        return ()
    names = set()
    for expert, bound in product(Expert, BOUNDS):
        own = f"rate.{bound}.{expert.value}"
        names.add(own if _is_read(config, bound, fate) and config.setting(own).written else f"rate.{bound}")
    return tuple(sorted(names, key=config.called))


def _is_read(config: Config, bound: str, fate: PerExpert) -> bool:
    return fate in {PerExpert.IN_EFFECT, PerExpert.PARTLY} and config.setting(f"rate.{bound}").given


def _value(config: Config, trainer: AiToolkitModel, expert: Expert, bound: str, *, per_expert: bool) -> float:
    names = [f"rate.{bound}.{expert.value}"] if per_expert else []
    for name in [*names, f"rate.{bound}"]:
        found = config.number(name)
        if found is not None and found.value >= 0:
            return float(found.value)
    return trainer.automagic[bound]


def _ratio(values: Mapping[tuple[Expert, str], float]) -> float | None:
    low = values[Expert.LOW, "bump"]
    return values[Expert.HIGH, "bump"] / low if low > 0 else None


def rates_adapt(trainer: AiToolkitModel, config: Config) -> bool | None:
    """Return whether automagic can adapt its rates; None for other optimizers.

    The fork keeps a rate that was not updated in the step just before. Where the experts switch at every step, no rate
    ever moves.
    """
    if config.optimizer != AUTOMAGIC:
        return None
    if not (trainer.freezes_when_paused and config.trains_both):
        return True
    switch, accumulation = config.number("switch_every"), config.number("accumulation")
    if switch is None or accumulation is None:
        return None
    return bool(switch.value != accumulation.value)


def starting_rate(_trainer: AiToolkitModel, rate: float, optimizer: str) -> tuple[float, str]:
    """Return the rate an optimizer starts at where `rate` is written, and why where that is another."""
    if optimizer == AUTOMAGIC and rate > HIGHEST_START:
        return FORCED_START, "automagic takes more than 1.0e-3 for a mistake"
    if optimizer.startswith(SCALE_FREE) and rate < SCALE_FREE_LEAST:
        return SCALE_FREE_START, f"{optimizer} takes a factor, and less than 0.1 for a mistake"
    return rate, ""

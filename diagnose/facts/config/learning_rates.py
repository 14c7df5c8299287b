"""Learning rates: what the trainer takes of the declared ones, the greatest, and how usual those written are."""

from __future__ import annotations

import math
from collections.abc import Mapping

from diagnose.core.values import Scalar
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.expectation import FITTED
from diagnose.facts.recorder import DEFAULT, Recorder
from diagnose.facts.targets import UsualRate
from diagnose.rulebase.message import format_value
from diagnose.trainers.answers import EffectiveRates
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.trainers.trainer_model import TrainerModel

ADAM = frozenset({"adam", "adamw", "adam8bit", "adamw8bit", "adam8", "adamw8", "adamw_8bit", "ademamix8bit"})
BOUNDS = {"max": "ceiling", "min": "floor", "bump": "bump"}
"""The bounds of an adapting rate, each with the kind of rate that says what is usual."""
LOWER = 10
"""By how much a rate is lowered after it broke a run: the step that people try rates in."""
FAR = 10
"""Times outside from which "far" is said."""
BEYOND = 1e12
"""Times outside that are counted at most: so far is a rate of zero below what is usual."""


def record_rates_in_effect(
    config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder
) -> None:
    """Record the facts `effective.lr_*`, `effective.rate_*` and of the per-expert keys; `rates` are those in effect."""
    if rates is not None:
        _record_rates(rates, record)
    rate = config.finite("rate")
    optimizer = config.optimizer
    start = config.model.starting_rate(float(rate.value), optimizer) if rate is not None and optimizer else None
    if rate is not None and start is not None:
        value, why = start
        note = why or ("" if rate.written else DEFAULT)
        record.known("effective.start_rate", value, places=[rate.place], note=note)
    _record_greatest(config, rates, record)
    moving = trainer.rates_adapt(config) if trainer is not None else None
    if trainer is not None and moving is not None:
        place = config.place("switch_every")
        record.known("effective.lr_adapts", moving, places=[place], note=trainer.freeze_source)


def _record_rates(rates: EffectiveRates, record: Recorder) -> None:
    record.known("effective.per_expert_keys", rates.fate.value, places=rates.places, note=rates.why)
    if rates.missing:
        record.known("effective.missing_base_keys", ", ".join(rates.missing), places=rates.places)
    for name, value in (("lr_ratio_declared", rates.declared_ratio), ("lr_ratio", rates.ratio)):
        if value is not None:
            record.known(f"effective.{name}", value, places=rates.places, note=rates.why)
    note = f"{rates.fate.value}: {rates.why}"
    for (expert, bound), value in rates.bounds.items():
        record.known(f"effective.lr_{bound}", value, subject=expert.value, places=rates.places, note=note)
    for expert in Expert if rates.bounds else ():
        # the fork keeps rates in 8 bits, a quantum of ceiling/127
        bump = rates.bounds[expert, "bump"]
        share = rates.bounds[expert, "max"] / bump if bump > 0 else math.inf
        record.known("effective.bumps_to_ceiling", share, subject=expert.value, places=rates.places)


def _record_greatest(config: Config, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record `effective.rate_greatest`, its key and a tenth of it: of the ceiling of automagic, else of the rate.

    Nothing is recorded where the rate is no number, or where it is not known what the trainer takes of it.
    """
    names = rates.taken if rates is not None else ()
    if config.optimizer == AUTOMAGIC:
        names = tuple(name for name in names if name.startswith("rate.max"))
    written = [(found, name) for name in names if (found := config.finite(name)) is not None]
    if not written:
        return
    greatest, name = max(written, key=lambda item: float(item[0].value))
    value = float(greatest.value)
    record.known("effective.rate_greatest", value, places=[greatest.place])
    record.known("effective.rate_key", config.called(name), places=[greatest.place])
    record.known("effective.rate_tenth", float(f"{value / LOWER:.3g}"), places=[greatest.place])


def record_written_rates(config: Config, usual: Mapping[str, UsualRate], record: Recorder) -> None:
    """Record the facts `config.rate_*` of every rate that the config writes and the optimizer reads.

    `usual`: the usual range by kind: "fixed", "fitted", "ceiling", "floor", "bump".
    """
    optimizer = config.optimizer or ""
    if optimizer == AUTOMAGIC:
        # its own start is a start only, and what is too high for one is another finding
        for ending in ("", *(f".{expert.value}" for expert in Expert)):
            for bound, kind in BOUNDS.items():
                # a floor may be as low as one likes
                both = bound != "min" and config.is_wan22_14b
                _record_written(config, f"rate.{bound}{ending}", usual[kind], record, both=both)
        return
    kind = "fitted" if optimizer.startswith(FITTED) else "fixed"
    # low for adamw on a LoRA of both experts; another optimizer, model or network, or one expert alone, may need it
    both = optimizer in ADAM and config.is_wan22_14b and bool(config.mapping("lora")) and config.trains_both
    _record_written(config, "rate", usual[kind], record, both=both)


def _record_written(config: Config, name: str, usual: UsualRate, record: Recorder, *, both: bool) -> None:
    """Record a rate beside the usual range; too low counts if `both` ends do.

    One that is no number, absent or below zero is another finding.
    """
    found = config.number(name)
    if found is None or not found.written or math.isnan(found.value) or found.value < 0:
        return
    value = float(found.value)
    above, below = min(BEYOND, max(1.0, value / usual.most)), 1.0
    if both:
        below = min(BEYOND, max(1.0, usual.least / value)) if value > usual.least / BEYOND else BEYOND
    far = "far " if max(above, below) >= FAR else ""
    side = "above" if above > 1 else "below" if below > 1 else "inside"
    span = " to ".join(format_value(bound) for bound in dict.fromkeys((usual.least, usual.most)))
    nearest = min(max(value, usual.least), usual.most)
    facts: dict[str, Scalar] = {
        "value": value,
        "outside": max(above, below),
        "above": above,
        "usual": f"{far}{side} the usual {span}",
        "sane": usual.sane if usual.sane is not None else nearest,
    }
    for fact, known in facts.items():
        record.known(f"config.rate_{fact}", known, subject=config.called(name), places=[found.place])

"""The gaps of a run whose config is known, one kind after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diagnose.facts.config.declared import Config
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.gaps.files import record_file_gaps
from diagnose.facts.gaps.phases import record_phase_gaps
from diagnose.facts.gaps.rates import record_rate_gaps
from diagnose.facts.gaps.ratio import record_ratio_gap
from diagnose.facts.gaps.resume import Resume, record_resume
from diagnose.facts.gaps.turns import record_turn_gaps
from diagnose.facts.gaps.weights import record_untouched
from diagnose.facts.log.series import Series
from diagnose.facts.log.starts import later_starts
from diagnose.facts.record import Recorder
from diagnose.facts.weights.strength import Pair
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.readings import RunReadings


@dataclass(frozen=True, slots=True)
class Layers:
    """What the gaps are between: the config as its trainer takes it, and what was logged and saved.

    `model` and `rates` are None where the trainer is not known; then only files and config are compared. `latest` are
    the rows of the last start, the only ones whose settings the config is sure to hold.
    """

    config: Config
    model: TrainerModel | None
    rates: EffectiveRates | None
    readings: RunReadings
    series: Series | None
    latest: Series | None
    pairs: Sequence[Pair]


WRONG_ON_RESUME = ("resumed-rates", "resumed-labels")
"""Faults of old versions, by their id in the trainer's description, after which a resumed log shows other rates or
turns than its settings give: the version explains it, and the config is the right one."""


def before_wrong_resume(series: Series | None, starts: Sequence[int], record: Recorder) -> Series | None:
    """Return the rows from before the first resume where the trainer's version is known to resume wrongly, else all."""
    wrong = any(record.places("trainer.old_fault_on_resume", fault) is not None for fault in WRONG_ON_RESUME)
    if series is None or not starts or not wrong:
        return series
    rows = tuple(row for row in series.rows if row.step < starts[0])
    return replace(series, rows=rows) if rows else None


def record_gaps(layers: Layers, record: Recorder) -> None:
    """Record the facts `gap.*`, and those of the two sides that nothing else records.

    The agreement of the log must be on record: the forecast is for it.
    """
    config, model, series = layers.config, layers.model, layers.series
    record_file_gaps(layers.readings, config, series, record)
    if model is None:
        return
    starts = later_starts(layers.readings, series, config)
    record_resume(Resume(layers.readings.console, series, starts), config, model, record)
    trusted = before_wrong_resume(series, starts, record)
    record_rate_gaps(layers.latest, config, model, layers.rates, record)
    record_ratio_gap(trusted, config, model, layers.rates, record)
    record_turn_gaps(trusted, config, model, record)
    record_phase_gaps(series, layers.readings, config, model, record)
    record_untouched(layers.pairs, config, model, record)

"""What the config comes to: every fact about its settings, for one trainer, or for all that it may be meant for."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.model import Place
from diagnose.facts.config.declared import record_declared
from diagnose.facts.config.effective import record_effective
from diagnose.facts.config.greatest_rate import record_greatest_rate
from diagnose.facts.config.keys import record_keys
from diagnose.facts.config.saving import record_saves_ahead
from diagnose.facts.config.traps import record_traps
from diagnose.facts.config.written_rates import record_written_rates
from diagnose.facts.dataset.record import record_datasets
from diagnose.facts.dataset.refused import record_refused_clips
from diagnose.facts.evidence import Evidence
from diagnose.facts.record import Recorder
from diagnose.sources.readings import RunReadings

MATRIX = 2
"""Axes of a linear module's factor."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts about the settings.

    Where the trainer is unknown, what every trainer makes of the config alike is known all the same.
    """
    conv_modules = _record_conv_modules(evidence.readings, record)
    if evidence.config is None:
        return
    _record_as_seen(evidence, conv_modules, record)
    if evidence.model is None:
        views = [evidence.seen_through(model) for model in evidence.premises.candidates]
        _adopt_agreed(views, conv_modules, record)
    record_keys(evidence.config, evidence.trainers, evidence.model, record)
    record_written_rates(evidence.config, evidence.targets.usual_rates, record)
    record_saves_ahead(evidence.config, evidence.targets, record)


def _record_as_seen(evidence: Evidence, conv_modules: int | None, record: Recorder) -> None:
    """Record the facts as one trainer makes them, or as far as they need none."""
    config, model, rates = evidence.config, evidence.model, evidence.rates
    if config is None:
        return
    record_declared(config, record)
    record_effective(config, model, rates, conv_modules, record)
    record_greatest_rate(config, rates, record)
    record_traps(config, model, rates, record)
    record_datasets(evidence, record)
    record_refused_clips(evidence.readings, config, record)


def _adopt_agreed(views: Sequence[Evidence], conv_modules: int | None, record: Recorder) -> None:
    """Record the facts that are open for an unknown trainer, and come out the same with each that it may be."""
    records = [record.fresh() for _ in views]
    for view, own in zip(views, records, strict=True):
        _record_as_seen(view, conv_modules, own)
    first, *others = records
    for key, fact in first.recorded.items():
        rest = [other.recorded.get(key) for other in others]
        if fact.known and all(each is not None and each.value == fact.value for each in rest):
            record.adopt(fact)


def _record_conv_modules(readings: RunReadings, record: Recorder) -> int | None:
    """Count the convolution modules of the last checkpoint; a LoRA of a convolution has tensors of 4 or 5 axes."""
    if not readings.checkpoints:
        return None
    last = readings.checkpoints[-1]
    count = sum(len(tensor.shape) > MATRIX for tensor in last.tensors) // 2
    record.known("weights.conv_modules", count, places=[Place(last.file)])
    return count

"""What the config comes to: every fact about its settings, for one trainer, or for all that it may be meant for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnose.core.model import Place, Trainer
from diagnose.facts.config.declared import Config, record_declared
from diagnose.facts.config.effective import EffectiveRates, record_effective
from diagnose.facts.config.greatest_rate import record_greatest_rate
from diagnose.facts.config.keys import record_keys
from diagnose.facts.config.traps import record_traps
from diagnose.facts.dataset.record import Yardstick, record_datasets
from diagnose.facts.dataset.refused import record_refused_clips
from diagnose.facts.premises import Premises
from diagnose.facts.record import Recorder
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.readings import RunReadings

MATRIX = 2
"""Axes of a linear module's factor."""


def record_settings(
    premises: Premises,
    readings: RunReadings,
    trainers: Mapping[Trainer, TrainerModel],
    yardstick: Yardstick,
    record: Recorder,
) -> EffectiveRates | None:
    """Record the facts about the settings, and return the rates in effect, None where they are not known.

    Where the trainer is unknown, what every trainer makes of the config alike is known all the same.
    """
    extraction = _Extraction(readings, yardstick, _record_conv_modules(readings, record))
    config = premises.config
    if config is None:
        return None
    rates = extraction.run(config, premises.model, record)
    if premises.model is None:
        views = [Config(config.reading, model) for model in premises.candidates]
        _adopt_agreed(extraction, views, record)
    record_keys(config, trainers, premises.model, record)
    return rates


@dataclass(frozen=True, slots=True)
class _Extraction:
    """Everything but the trainer that the facts about the settings are derived from."""

    readings: RunReadings
    yardstick: Yardstick
    conv_modules: int | None

    def run(self, config: Config, model: TrainerModel | None, record: Recorder) -> EffectiveRates | None:
        """Record the facts as one trainer makes them, or as far as they need none."""
        record_declared(config, record)
        rates = record_effective(config, model, self.conv_modules, record)
        record_greatest_rate(config, rates, record)
        record_traps(config, model, rates, record)
        record_datasets(self.readings.datasets, config, model, self.yardstick, record)
        record_refused_clips(self.readings, config, record)
        return rates


def _adopt_agreed(extraction: _Extraction, views: Sequence[Config], record: Recorder) -> None:
    """Record the facts that are open for an unknown trainer, and come out the same with each that it may be."""
    records = [record.fresh() for _ in views]
    for config, own in zip(views, records, strict=True):
        extraction.run(config, config.model, own)
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

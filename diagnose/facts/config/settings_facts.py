"""What the config comes to: every fact about its settings, for one trainer, or for all that it may be meant for."""

from __future__ import annotations

from diagnose.core.values import Place
from diagnose.facts.config.alpha_and_scale import record_alpha
from diagnose.facts.config.base_model import record_base_model
from diagnose.facts.config.clips import record_clips
from diagnose.facts.config.key_faults import record_keys, record_refusals, record_refused_parameters, record_values
from diagnose.facts.config.learning_rates import record_rates_in_effect, record_written_rates
from diagnose.facts.config.previews import record_previews
from diagnose.facts.config.sampling import record_sampling
from diagnose.facts.config.saving import record_saves_ahead, record_saving
from diagnose.facts.config.stated import record_stated
from diagnose.facts.dataset.datasets import record_datasets
from diagnose.facts.dataset.pictures import record_refused_clips
from diagnose.facts.evidence import Evidence
from diagnose.facts.needs.passes import record_passes
from diagnose.facts.recorder import Recorder
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import of_room

MATRIX_AXES = 2
"""Of a linear module's factor."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts about the settings.

    Where the trainer is unknown, what every trainer makes of the config alike is known all the same. What a trainer's
    room does not answer stays unknown.
    """
    conv_modules = _record_conv_modules(evidence.readings, record)
    config = evidence.config
    if config is None:
        return
    record_config(evidence, config, conv_modules, record)
    if evidence.model is None:
        _adopt_agreed(evidence, conv_modules, record)
    record_keys(config, of_room(config.model.room, evidence.trainers), evidence.model, record)
    record_written_rates(config, evidence.targets.usual_rates, record)
    record_saves_ahead(config, evidence.targets, record)


def _record_conv_modules(readings: RunReadings, record: Recorder) -> int | None:
    """Count the convolution modules of the last checkpoint; a LoRA of a convolution has tensors of 4 or 5 axes."""
    if not readings.checkpoints:
        return None
    last = readings.checkpoints[-1]
    count = sum(len(tensor.shape) > MATRIX_AXES for tensor in last.tensors) // 2
    record.known("weights.conv_modules", count, places=[Place(last.file)])
    return count


def record_config(evidence: Evidence, config: Config, conv_modules: int | None, record: Recorder) -> None:
    """Record what the run's trainer makes of its config; for an unknown one, what needs none.

    `conv_modules`: convolution modules of the saved network, None where there is no checkpoint.
    """
    trainer, rates = evidence.model, evidence.rates
    record_stated(config, record)
    record_rates_in_effect(config, trainer, rates, record)
    for expert, count in (config.model.updates(config) or {}).items():
        record.known("effective.updates", count, subject=expert.value, places=[config.place("steps")])
    record_alpha(config, trainer, conv_modules, record)
    record_base_model(config, record)
    record_clips(config, trainer, evidence.asked.yardstick, record)
    record_sampling(config, trainer, record)
    record_saving(config, trainer, record)
    record_previews(config, trainer, evidence.asked.yardstick.network, record)
    record_refusals(config, trainer, record)
    record_refused_parameters(config, trainer, record)
    record_values(config, trainer, rates, record)
    record_datasets(evidence, config, record)
    record_passes(evidence, config, record)
    record_refused_clips(evidence.readings, config, record)


def _adopt_agreed(evidence: Evidence, conv_modules: int | None, record: Recorder) -> None:
    """Record the facts that are open for an unknown trainer, and come out the same with each that it may be."""
    records = []
    for model in evidence.premises.candidates:
        view, own = evidence.seen_through(model), Recorder(record.declarations)
        if view.config is not None:
            record_config(view, view.config, conv_modules, own)
        records.append(own)
    first, *others = records
    for key, fact in first.recorded.items():
        rest = [other.recorded.get(key) for other in others]
        if fact.known and all(each is not None and each.value == fact.value for each in rest):
            record.adopt(fact)

"""What the config comes to: every fact about its settings, for one trainer, or for all that it may be meant for."""

from __future__ import annotations

from collections.abc import Sequence

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
from diagnose.facts.recorder import Recorder
from diagnose.sources.readings import RunReadings
from diagnose.trainers.aitoolkit.alternation import updates
from diagnose.trainers.aitoolkit.expert_rates import EffectiveRates
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import Config

MATRIX_AXES = 2
"""Of a linear module's factor."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts about the settings.

    Where the trainer is unknown, what every trainer makes of the config alike is known all the same. Of a trainer whose
    room does not describe what it makes of a config, only what the config states is known.
    """
    conv_modules = _record_conv_modules(evidence.readings, record)
    if evidence.config is None:
        return
    if evidence.config_in_effect is None:
        record_stated(evidence.config, record)
    else:
        _record_as_seen(evidence, conv_modules, record)
        if evidence.model is None:
            views = [evidence.seen_through(model) for model in evidence.premises.candidates]
            _adopt_agreed(views, conv_modules, record)
        family = {name: each for name, each in evidence.trainers.items() if isinstance(each, AiToolkitModel)}
        record_keys(evidence.config, family, evidence.model, record)
    record_written_rates(evidence.config, evidence.targets.usual_rates, record)
    record_saves_ahead(evidence.config, evidence.targets, record)


def _record_as_seen(evidence: Evidence, conv_modules: int | None, record: Recorder) -> None:
    """Record the facts as one trainer makes them, or as far as they need none."""
    config, model, rates = evidence.config, evidence.model, evidence.rates
    if config is None:
        return
    record_config(config, model, rates, conv_modules, record)
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
    count = sum(len(tensor.shape) > MATRIX_AXES for tensor in last.tensors) // 2
    record.known("weights.conv_modules", count, places=[Place(last.file)])
    return count


def record_config(
    config: Config,
    trainer: AiToolkitModel | None,
    rates: EffectiveRates | None,
    conv_modules: int | None,
    record: Recorder,
) -> None:
    """Record every fact that the config alone shows.

    Args:
        config: the settings as declared.
        trainer: None where it is not known.
        rates: those in effect, None where they are not known.
        conv_modules: convolution modules of the saved network, None where there is no checkpoint.
        record: takes the facts.
    """
    record_stated(config, record)
    record_rates_in_effect(config, trainer, rates, record)
    for expert, count in updates(config).items():
        record.known("effective.updates", count, subject=expert.value, places=[config.place("steps")])
    record_alpha(config, trainer, conv_modules, record)
    record_base_model(config, record)
    record_clips(config, trainer, record)
    record_sampling(config, trainer, record)
    record_saving(config, trainer, record)
    record_previews(config, trainer, record)
    record_refusals(config, trainer, record)
    record_refused_parameters(config, trainer, record)
    record_values(config, trainer, rates, record)

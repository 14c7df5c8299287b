"""What the config comes to: every fact about its settings, for one trainer, or for all that it may be meant for.

The settings come first as they are written, or with the trainer's default where a key is absent.
"""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.alpha_and_scale import record_alpha
from diagnose.facts.config.base_model import record_base_model
from diagnose.facts.config.clips import record_clips
from diagnose.facts.config.key_faults import record_keys, record_refusals, record_refused_parameters, record_values
from diagnose.facts.config.learning_rates import record_rates_in_effect, record_written_rates
from diagnose.facts.config.sampling import record_previews, record_sampling
from diagnose.facts.config.saving import record_saves_ahead, record_saving
from diagnose.facts.dataset.datasets import record_datasets, record_refused_clips
from diagnose.facts.evidence import Evidence
from diagnose.facts.needs.passes import record_passes
from diagnose.facts.recorder import DEFAULT, NONE, Recorder
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import FLOW_MATCHING, Config
from diagnose.trainers.rooms import of_room

SNR = ("snr.min_gamma", "snr.gamma", "snr.learned")
LEAST_SNR = 1e-6
"""More than this is taken for a weighting (SDTrainer.py:1002-1009)."""
_NUMBERS = {
    "config.steps": "steps",
    "config.batch_size": "batch_size",
    "config.gradient_accumulation": "accumulation",
    "config.save_every": "save_every",
    "config.sample_every": "sample_every",
    "config.switch_every": "switch_every",
}
_TEXTS = {
    "config.noise_scheduler": "noise_scheduler",
    "config.timestep_type": "timestep_type",
    "config.arch": "arch",
    "config.name_or_path": "base_model",
}
_SWITCHES = {
    "config.ema": "ema",
    "config.alpha_schedule": "alpha_schedule.enabled",
    "config.low_vram": "low_vram",
}


def record_stated(config: Config, record: Recorder) -> None:
    """Record the facts `config.*` that are a setting as it is."""
    for fact, name in _NUMBERS.items():
        record.setting(fact, config.number(name))
    for fact, name in _TEXTS.items():
        record.setting(fact, config.text(name))
    for fact, name in _SWITCHES.items():
        record.setting(fact, config.flag(name, default=False) if config.has(name) else None)
    record.setting("config.rank", config.rank)
    for expert in Expert:
        record.setting("config.trains", config.trains(expert), subject=expert.value)
    _record_optimizer(config, record)
    scheduler, arch = config.text("noise_scheduler"), config.text("arch")
    if scheduler is not None:
        record.known("config.flow_matching", scheduler.value == FLOW_MATCHING, places=[scheduler.place])
    if arch is not None:
        record.known("config.is_wan22_14b", config.is_wan22_14b, places=[arch.place])
        record.known("config.family", arch.value.split(":")[0], places=[arch.place])
    if config.has("unload_text_encoder"):
        unload, cached = (config.flag(name, default=False) for name in ("unload_text_encoder", "cache_text"))
        record.known("config.captions_discarded", unload.value and not cached.value, places=[unload.place])
    if any(map(config.has, SNR)):
        _record_snr(config, record)


def _record_snr(config: Config, record: Recorder) -> None:
    weighted = next((name for name in SNR if _asks_for_snr(config.setting(name).value)), None)
    key = config.called(weighted).rpartition(".")[2] if weighted is not None else NONE
    record.known("config.snr_key", key, places=[config.place(weighted or "training")])


def _record_optimizer(config: Config, record: Recorder) -> None:
    optimizer = config.setting("optimizer")
    is_mapping = isinstance(optimizer.value, Mapping)
    record.known("config.optimizer_is_mapping", is_mapping, places=[optimizer.place])
    called = "a mapping" if is_mapping else config.optimizer
    if called is not None:
        record.known("config.optimizer", called, places=[optimizer.place])
    rate = config.number("rate")
    if rate is not None:
        record.known("config.lr", float(rate.value), places=[rate.place], note="" if rate.written else DEFAULT)
        record.known("config.lr_written", rate.written, places=[rate.place])
    if config.has("accumulation.legacy"):
        legacy = config.number("accumulation.legacy")
        value, place = (1, config.place("training")) if legacy is None else (legacy.value, legacy.place)
        record.known("config.legacy_accumulation", value, places=[place])
    keys = config.per_expert_keys()
    record.known("config.per_expert_keys", len(keys), places=keys.values())


def _asks_for_snr(value: object) -> bool:
    """Return whether the trainer takes it for a weighting: a switch that is on, or more than `LEAST_SNR`."""
    return value > LEAST_SNR if isinstance(value, int | float) else bool(value)


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

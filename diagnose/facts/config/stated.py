"""What the config states: the settings as written, or the trainer's default where a key is absent."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.recorder import DEFAULT, NONE, Recorder
from diagnose.trainers.declared import FLOW_MATCHING, Config

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
    "config.quantized": "quantized",
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

"""Settings that do something else than they seem to: what the config alone shows of each.

Where the trainer's behaviour is no matter of a table it is told here, with the place in its code. The severity of
each trap is the rules' affair.
"""

from __future__ import annotations

import math

from diagnose.core.model import RUN
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.base_model import record_base_model
from diagnose.facts.config.clips import record_clip_sets, record_clips
from diagnose.facts.config.course import record_course
from diagnose.facts.config.declared import Config, Setting
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.config.optimizer_params import record_optimizer_params
from diagnose.facts.config.previews import record_previews
from diagnose.facts.config.refusals import record_refusals
from diagnose.facts.config.sampling import record_sampling
from diagnose.facts.config.saving import record_saving
from diagnose.facts.config.validation import record_validation
from diagnose.facts.config.values import record_values
from diagnose.facts.record import Recorder
from diagnose.sources.config import dotted as reader
from diagnose.trainers.model import TrainerModel


def record_traps(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record the facts behind the pre-flight rules."""
    _optimizer(config, record)
    _captions(config, record)
    for index in range(len(config.items("datasets"))):
        record_clips(config, index, trainer, record)
    record_clip_sets(config, trainer, record)
    _mask(rates, record)
    record_sampling(config, trainer, record)
    record_base_model(config, record)
    record_saving(config, trainer, record)
    record_previews(config, trainer, record)
    record_validation(config, trainer, record)
    record_course(config, record)
    record_refusals(config, trainer, record)
    record_optimizer_params(config, trainer, record)
    record_values(config, trainer, rates, record)


def _flag(record: Recorder, name: str, value: bool, setting: Setting, *, subject: str = RUN) -> None:  # noqa: FBT001
    record.known(name, value, subject=subject, places=[setting.place])


def _optimizer(config: Config, record: Recorder) -> None:
    optimizer = config.setting("train.optimizer")
    record.known("config.optimizer_is_mapping", isinstance(optimizer.value, dict), places=[optimizer.place])
    lr = config.number("train.lr")
    if lr is not None:
        note = "" if lr.written else "the trainer's default; the key is absent"
        record.known("config.lr", float(lr.value), places=[lr.place], note=note)
        _flag(record, "config.lr_written", lr.written, lr)
    steps = config.number("train.gradient_accumulation_steps")
    legacy = Setting(1, reader.place(config.reading, "train"), written=False) if steps is None else steps
    record.known("config.legacy_accumulation", legacy.value, places=[legacy.place])
    switch = config.number("train.switch_boundary_every")
    if switch is not None:
        record.known("config.switch_every", switch.value, places=[switch.place])
    quantized = config.flag("model.quantize", default=False)
    record.known("config.quantized", quantized.value, places=[quantized.place])
    record.known(
        "config.low_vram",
        config.flag("model.low_vram", default=False).value,
        places=[config.setting("model.low_vram").place],
    )


def _captions(config: Config, record: Recorder) -> None:
    unload = config.flag("train.unload_text_encoder", default=False)
    cached = config.flag("train.cache_text_embeddings", default=False)
    _flag(record, "config.captions_discarded", unload.value and not cached.value, unload)


def _mask(rates: EffectiveRates | None, record: Recorder) -> None:
    """Record how many bumps the ceiling holds: the fork keeps rates in 8 bits, a quantum of ceiling/127."""
    for expert in Expert:
        if rates is not None and rates.bounds:
            bump = rates.bounds[expert, "lr_bump"]
            share = rates.bounds[expert, "max_lr"] / bump if bump > 0 else math.inf
            record.known("effective.bumps_to_ceiling", share, subject=expert.value, places=rates.places)

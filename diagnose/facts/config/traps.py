"""Settings that do something else than they seem to: what the config alone shows of each.

Where the trainer's behaviour is no matter of a table it is told here, with the place in its code. The severity of
each trap is the rules' affair.
"""

from __future__ import annotations

import math

from diagnose.facts.config.base_model import record_base_model
from diagnose.facts.config.clips import record_clips
from diagnose.facts.config.course import record_course
from diagnose.facts.config.declared import Config, Setting
from diagnose.facts.config.effective import EffectiveRates
from diagnose.facts.config.refusals import record_refusals
from diagnose.facts.config.sampling import record_sampling
from diagnose.facts.config.saving import record_saving
from diagnose.facts.record import Recorder
from diagnose.model import RUN, Expert, Place
from diagnose.rulebase.trainers import TrainerModel
from diagnose.sources.config import access as reader


def record_traps(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record the facts behind the pre-flight rules."""
    _optimizer(config, record)
    _captions(config, record)
    for index in range(len(config.items("datasets"))):
        _dataset(config, index, trainer, record)
        record_clips(config, index, trainer, record)
    _mask(rates, record)
    record_sampling(config, trainer, record)
    record_base_model(config, record)
    record_saving(config, trainer, record)
    record_course(config, record)
    record_refusals(config, trainer, record)


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
    record.known(
        "config.low_vram",
        config.flag("model.low_vram", default=False).value,
        places=[config.setting("model.low_vram").place],
    )


def _captions(config: Config, record: Recorder) -> None:
    unload = config.flag("train.unload_text_encoder", default=False)
    cached = config.flag("train.cache_text_embeddings", default=False)
    _flag(record, "config.captions_discarded", unload.value and not cached.value, unload)


def _dataset(config: Config, index: int, trainer: TrainerModel | None, record: Recorder) -> None:
    path = f"datasets[{index}]"
    frames = config.number(f"{path}.num_frames")
    count = frames.value if frames is not None else 1
    place = frames.place if frames is not None else reader.place(config.reading, path)

    def note(name: str, value: float | bool | str, where: Place) -> None:  # noqa: FBT001 - a fact's value
        record.known(name, value, subject=path, places=[where])

    note("dataset.num_frames", count, place)
    note("dataset.frames_fit", count % 4 == 1, place)
    cached = [s for key in ("cache_latents", "cache_latents_to_disk") if (s := config.setting(f"{path}.{key}")).value]
    note("dataset.latents_cached", bool(cached), cached[0].place if cached else place)
    _speed(config, path, trainer, record)
    sizes = config.items(f"{path}.resolution")
    note("dataset.resolutions", max(1, len(sizes)), reader.place(config.reading, f"{path}.resolution"))
    dropout = config.number(f"{path}.caption_dropout_rate")
    embeds = config.flag("train.cache_text_embeddings", default=False).value
    embeds = embeds or config.flag(f"{path}.cache_text_embeddings", default=False).value
    asked = dropout is not None and dropout.value > 0 and embeds
    at = dropout.place if dropout is not None else place
    if asked and trainer is None:
        record.unknown("dataset.dropout_lost", "the trainers differ", subject=path, places=[at])
    else:
        note("dataset.dropout_lost", asked and config.model.drops_captions_when_cached, at)


def _speed(config: Config, path: str, trainer: TrainerModel | None, record: Recorder) -> None:
    shrink = config.flag(f"{path}.shrink_video_to_frames", default=True)
    record.known("dataset.shrinks_video", shrink.value, subject=path, places=[shrink.place])
    fps = config.number(f"{path}.fps")
    if fps is not None:
        record.known("dataset.fps", float(fps.value), subject=path, places=[fps.place])
    elif trainer is None:
        record.unknown("dataset.fps", "the trainers' defaults differ", subject=path, places=[shrink.place])
    else:
        rate = float(trainer.defaults["datasets[].fps"])
        record.known("dataset.fps", rate, subject=path, places=[shrink.place], note=_since(trainer, "datasets[].fps"))


def _mask(rates: EffectiveRates | None, record: Recorder) -> None:
    """Record how many bumps the ceiling holds: the fork keeps rates in 8 bits, a quantum of ceiling/127."""
    for expert in Expert:
        if rates is not None and rates.bounds:
            bump = rates.bounds[expert, "lr_bump"]
            share = rates.bounds[expert, "max_lr"] / bump if bump > 0 else math.inf
            record.known("effective.bumps_to_ceiling", share, subject=expert.value, places=rates.places)


def _since(model: TrainerModel, path: str) -> str:
    """Word a default, and since when it is that."""
    change = model.changed(path)
    if change is None or change.since is None:
        return "the trainer's default; the key is absent"
    since = f"{change.since.version} ({change.since.day})"
    return f"the trainer's default since {since}: {change.before} until then"

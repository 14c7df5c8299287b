"""What the config alone says of a data set: how its clips are read, how long and how large, and what is cached."""

from __future__ import annotations

import math

from diagnose.facts.recorder import DEFAULT, Recorder
from diagnose.facts.targets import Yardstick
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel

KEPT = {
    "dataset.latents_cached": ("clip.cache_latents", "clip.cache_latents_to_disk"),
    "dataset.frames_kept": ("clip.frames_with_latents", "clip.tensors_to_disk"),
}
"""The switches for each; upstream has the frames beside cached latents under the latter (data_loader.py:275-283)."""
SQUARE = 256
"""Resolutions that are lists on purpose are multiples of it."""
SIZES = frozenset({frozenset({480, 832}), frozenset({720, 1280}), frozenset({544, 960}), frozenset({576, 1024})})
"""Heights and widths of WAN's videos, which a list of resolutions is sometimes taken for."""


def record_clips(config: Config, trainer: TrainerModel | None, yardstick: Yardstick, record: Recorder) -> None:
    """Record what the settings of each data set mean for its clips, and how many sets have clips at all."""
    paths = config.entries("clips")
    single = [_one_frame(config, path, trainer) for path in paths]
    for path, alone in zip(paths, single, strict=True):
        _record_length(config, path, yardstick, record, single=alone)
        _record_speed(config, path, trainer, record, single=alone)
        _record_kept(config, path, trainer, record)
        _record_size(config, path, record)
    if paths and None not in single:
        places = [config.raw.setting(path).place for path in paths]
        record.known("config.clip_sets", single.count(False), places=places)


def _one_frame(config: Config, path: str, trainer: TrainerModel | None) -> bool | None:
    """Return whether a data set is trained on single frames; None where the unknown trainer decides.

    With auto_frame_count upstream takes each clip at its own length, whatever num_frames says (data_loader.py:396).
    """
    frames = config.number("clip.frames", path)
    if frames is not None and frames.value > 1:
        return False
    if not config.flag("clip.auto_frames", path, default=False).value:
        return True
    return None if trainer is None or trainer.media is None else not trainer.media.auto_frame_count


def _record_length(config: Config, path: str, yardstick: Yardstick, record: Recorder, *, single: bool | None) -> None:
    if single is None:
        record.unknown("dataset.one_frame", "one trainer reads auto_frame_count, the other does not", subject=path)
    else:
        record.known("dataset.one_frame", single, subject=path, places=[config.place("clip.frames", path)])
    frames = config.number("clip.frames", path)
    count, place = (frames.value, frames.place) if frames is not None else (1, config.raw.setting(path).place)
    record.known("dataset.num_frames", count, subject=path, places=[place])
    rate, network = yardstick.frame_rates.get(config.architecture or ""), yardstick.network
    if network is not None:
        fits = count % network.frames_per_latent == 1
        record.known("dataset.frames_fit", fits, subject=path, places=[place])
    if math.isfinite(count):
        if network is not None:
            record.known("dataset.frames_used", network.frames_taken(count), subject=path, places=[place])
        if rate is not None:
            record.known("dataset.true_speed_seconds", count / rate, subject=path, places=[place])


def _record_speed(
    config: Config, path: str, trainer: TrainerModel | None, record: Recorder, *, single: bool | None
) -> None:
    shrink = config.flag("clip.shrink", path, default=True)
    whole = config.flag("clip.auto_frames", path, default=False).value and single is False
    record.known("dataset.shrinks_video", shrink.value and not whole, subject=path, places=[shrink.place])
    fps = config.number("clip.fps", path)
    if fps is not None:
        record.known("dataset.fps", float(fps.value), subject=path, places=[fps.place])
    elif trainer is None:
        record.unknown("dataset.fps", "the trainers' defaults differ", subject=path, places=[shrink.place])
    else:
        change, note = trainer.changed("clip.fps"), DEFAULT
        if change is not None and change.since is not None:
            since = f"{change.since.version} ({change.since.day})"
            note = f"the trainer's default since {since}: {change.before} until then"
        rate = float(trainer.default("clip.fps") or 0)
        record.known("dataset.fps", rate, subject=path, places=[shrink.place], note=note)


def _record_kept(config: Config, path: str, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record what is cached, and whether captions that are to be dropped now and then are cached, and so are not."""
    whole = config.raw.setting(path).place
    for fact, names in KEPT.items():
        on = [found for name in names if (found := config.setting(name, path)).value]
        record.known(fact, bool(on), subject=path, places=[on[0].place if on else whole])
    dropout = config.number("clip.caption_dropout", path)
    cached = any(config.flag(each, path, default=False).value for each in ("cache_text", "clip.cache_text"))
    asked = dropout is not None and dropout.value > 0 and cached
    places = [dropout.place if dropout is not None else whole]
    if asked and trainer is None:
        record.unknown("dataset.dropout_lost", "the trainers differ", subject=path, places=places)
    else:
        drops = config.model.drops_captions_when_cached
        if drops is not None:
            record.known("dataset.dropout_lost", asked and drops, subject=path, places=places)


def _record_size(config: Config, path: str, record: Recorder) -> None:
    """Record how many resolutions there are, and whether two look like a height and a width: WAN's or the previews'."""
    listed = config.items("clip.resolution", path)
    sizes = {each for each in listed if isinstance(each, int)}
    sides = (config.number(side) for side in ("preview.width", "preview.height"))
    shown = {side.value for side in sides if side is not None}
    place = config.place("clip.resolution", path)
    record.known("dataset.resolutions", max(1, len(listed)), subject=path, places=[place])
    usual = all(size % SQUARE == 0 for size in sizes)
    is_size = sizes in SIZES or (len(sizes) == 2 and sizes == shown and not usual)  # noqa: PLR2004 - two sides
    record.known("dataset.resolution_is_size", is_size, subject=path, places=[place])

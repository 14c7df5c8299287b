"""What the config alone says of a data set: how its clips are read, how long and how large, and what is cached."""

from __future__ import annotations

import math

from diagnose.core.values import Place
from diagnose.facts.config.stated import DEFAULT
from diagnose.facts.recorder import Recorder
from diagnose.trainers.aitoolkit.model import AiToolkitModel, toolkit_of
from diagnose.trainers.declared import Config

WAN_RATE = 16
"""Frames per second of WAN 2.2 A14B."""
MODEL_RATE = {**dict.fromkeys(("wan22_14b", "wan22_14b_i2v", "wan21", "wan21_i2v"), WAN_RATE), "wan22_5b": 24}
"""Frames per second of the videos a model makes (Wan2.2 #13; 24 is the 5B)."""
LATENTS_KEPT = ("clip.cache_latents", "clip.cache_latents_to_disk")
FRAMES_KEPT = ("clip.frames_with_latents", "clip.tensors_to_disk")
"""Switches of upstream under which the frames are there beside cached latents (data_loader.py:275-283)."""
FRAMES_PER_LATENT = 4
"""Of a clip, after its first frame."""
SQUARE = 256
"""Resolutions that are lists on purpose are multiples of it."""
SIZES = frozenset({frozenset({480, 832}), frozenset({720, 1280}), frozenset({544, 960}), frozenset({576, 1024})})
"""Heights and widths of WAN's videos, which a list of resolutions is sometimes taken for."""


def record_clips(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record what the settings of each data set imply for its clips, and how many sets have clips at all."""
    paths = config.entries("clips")
    for path in paths:
        _record_set(config, path, trainer, record)
    single = [one_frame(config, path, trainer) for path in paths]
    if paths and None not in single:
        places = [config.raw.setting(path).place for path in paths]
        record.known("config.clip_sets", single.count(False), places=places)


def _record_set(config: Config, path: str, trainer: AiToolkitModel | None, record: Recorder) -> None:
    whole = config.raw.setting(path).place
    _record_length(config, path, whole, record)
    single = one_frame(config, path, trainer)
    if single is None:
        record.unknown("dataset.one_frame", "one trainer reads auto_frame_count, the other does not", subject=path)
    else:
        place = config.place("clip.frames", path)
        record.known("dataset.one_frame", single, subject=path, places=[place])
    _record_speed(config, path, trainer, record)
    _record_caches(config, path, whole, record)
    _record_dropout(config, path, trainer, whole, record)
    _record_size(config, path, record)


def one_frame(config: Config, path: str, trainer: AiToolkitModel | None) -> bool | None:
    """Return whether a data set is trained on single frames; None where the unknown trainer decides.

    With auto_frame_count upstream takes each clip at its own length, whatever num_frames says (data_loader.py:396).
    """
    frames = config.number("clip.frames", path)
    if frames is not None and frames.value > 1:
        return False
    if not config.flag("clip.auto_frames", path, default=False).value:
        return True
    return None if trainer is None else not trainer.media.auto_frame_count


def _record_length(config: Config, path: str, whole: Place, record: Recorder) -> None:
    frames = config.number("clip.frames", path)
    count, place = (frames.value, frames.place) if frames is not None else (1, whole)
    record.known("dataset.num_frames", count, subject=path, places=[place])
    record.known("dataset.frames_fit", count % FRAMES_PER_LATENT == 1, subject=path, places=[place])
    if not math.isfinite(count):
        return
    record.known("dataset.true_speed_seconds", count / WAN_RATE, subject=path, places=[place])
    record.known("dataset.frames_used", frames_taken(count), subject=path, places=[place])


def frames_taken(count: float) -> int:
    """Return how many of so many frames the autoencoder takes: one, then four at a time."""
    return (int(count) - 1) // FRAMES_PER_LATENT * FRAMES_PER_LATENT + 1 if count >= 1 else 0


def _record_speed(config: Config, path: str, trainer: AiToolkitModel | None, record: Recorder) -> None:
    shrink = config.flag("clip.shrink", path, default=True)
    whole = config.flag("clip.auto_frames", path, default=False).value and one_frame(config, path, trainer) is False
    record.known("dataset.shrinks_video", shrink.value and not whole, subject=path, places=[shrink.place])
    fps = config.number("clip.fps", path)
    if fps is not None:
        record.known("dataset.fps", float(fps.value), subject=path, places=[fps.place])
    elif trainer is None:
        record.unknown("dataset.fps", "the trainers' defaults differ", subject=path, places=[shrink.place])
    else:
        rate = float(trainer.default("clip.fps") or 0)
        record.known("dataset.fps", rate, subject=path, places=[shrink.place], note=_since(trainer, "clip.fps"))


def _since(model: AiToolkitModel, name: str) -> str:
    """Word a default, and since when it is that."""
    change = model.changed(name)
    if change is None or change.since is None:
        return DEFAULT
    since = f"{change.since.version} ({change.since.day})"
    return f"the trainer's default since {since}: {change.before} until then"


def _record_caches(config: Config, path: str, whole: Place, record: Recorder) -> None:
    cached = [found for name in LATENTS_KEPT if (found := config.setting(name, path)).value]
    place = cached[0].place if cached else whole
    record.known("dataset.latents_cached", bool(cached), subject=path, places=[place])
    kept = [found for name in FRAMES_KEPT if (found := config.flag(name, path, default=False)).value]
    place = kept[0].place if kept else whole
    record.known("dataset.frames_kept", bool(kept), subject=path, places=[place])


def _record_dropout(config: Config, path: str, trainer: AiToolkitModel | None, whole: Place, record: Recorder) -> None:
    """Record whether captions that are to be dropped now and then are cached, and so are not."""
    dropout = config.number("clip.caption_dropout", path)
    cached = any(config.flag(each, path, default=False).value for each in ("cache_text", "clip.cache_text"))
    asked = dropout is not None and dropout.value > 0 and cached
    place = dropout.place if dropout is not None else whole
    if asked and trainer is None:
        record.unknown("dataset.dropout_lost", "the trainers differ", subject=path, places=[place])
        return
    lost = asked and toolkit_of(config).drops_captions_when_cached
    record.known("dataset.dropout_lost", lost, subject=path, places=[place])


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

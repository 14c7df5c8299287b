"""How fast the trained clips play against their own speed, and whether they are long and large enough.

The trainer spreads num_frames over the whole clip (shrink_video_to_frames), or takes every n-th frame, n a whole
number; a clip too short for that is stretched like a shrunk one (dataloader_mixins.py, load_and_process_video).
The model plays what it learned at its own rate.
"""

from __future__ import annotations

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import Taken, named, shortened
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.media import DatasetSpec, Item
from diagnose.sources.finite import finite
from diagnose.sources.video.frames import Pictures
from diagnose.trainers.declared import Config

DEFAULT_RESOLUTION = 512
"""The resolution where none is written (config_modules.py, DatasetConfig)."""


def apparent_speed(frames: int, rate: float, spec: DatasetSpec, fps: float, model_rate: float) -> float | None:
    """Return how many times its own speed a clip is trained at.

    Args:
        frames: of the clip.
        rate: of the clip, frames per second.
        spec: what the config asks for.
        fps: the rate that frames are taken at where the clip is not shrunk.
        model_rate: frames per second that the model makes.
    """
    if spec.counts_itself:
        return model_rate / fps
    step = max(1, round(rate / fps))
    if spec.shrink or frames // step < spec.num_frames:
        if spec.num_frames < 2 or frames < 2:  # noqa: PLR2004 - one frame has no speed
            return None
        return ((frames - 1) / rate) / ((spec.num_frames - 1) / model_rate)
    return step * model_rate / rate


def record_speed(taken: Taken, spec: DatasetSpec, model_rate: float | None, config: Config, record: Recorder) -> None:
    """Record speed, short clips and the smallest clip, as the decoded clips show them."""
    if not taken.video:
        _of_single_frames(spec, record)
        return
    if not taken.seen:
        return
    fps = _fps(spec, config)
    if model_rate is not None:
        _speeds(taken, spec, fps, model_rate, record)
    if not spec.counts_itself:
        _short(taken, spec, record)
    _area(taken, spec, config, record)


def record_speed_as_declared(spec: DatasetSpec, model_rate: float | None, config: Config, record: Recorder) -> None:
    """Record the speed that the config alone implies: of clips that play at the rate they are read at."""
    if spec.num_frames <= 1 and not spec.counts_itself:
        _of_single_frames(spec, record)
        return
    if model_rate is None or (spec.shrink and not spec.counts_itself):
        return
    fps = _fps(spec, config)
    speed = model_rate / fps
    setting = config.setting("clip.fps", spec.subject)
    text = f"{speed:.2f} times their own speed, if they play at {fps:g} frames a second"
    _record_speeds(spec, (_factor(speed), _factor(speed)), text, setting.place, record)


def _of_single_frames(spec: DatasetSpec, record: Recorder) -> None:
    note = "single frames have no speed and no length"
    for name, value in (("speed_off_worst", 1), ("short_clips", 0)):
        record.known(f"dataset.{name}", value, subject=spec.subject, places=[spec.place], note=note)


def _fps(spec: DatasetSpec, config: Config) -> float:
    return spec.fps if spec.fps is not None else float(config.model.default("clip.fps") or 0)


def _speeds(taken: Taken, spec: DatasetSpec, fps: float, model_rate: float, record: Recorder) -> None:
    found = [
        (speed, item.media.file)
        for item, seen in taken.seen
        if seen.rate and (speed := apparent_speed(seen.decoded, seen.rate, spec, fps, model_rate)) is not None
    ]
    if not found:
        return
    slowest, fastest = min(found), max(found)
    factors = sorted((_factor(speed), file) for speed, file in found)
    if slowest[0] == fastest[0]:
        text = f"{fastest[0]:.2f} times their own speed"
    else:
        text = (
            f"{slowest[0]:.2f} ({shortened(slowest[1])}) to {fastest[0]:.2f} ({shortened(fastest[1])}) "
            "times their own speed"
        )
    middle = factors[(len(factors) - 1) // 2][0]
    _record_speeds(spec, (middle, factors[-1][0]), text, Place(factors[-1][1]), record)


def _record_speeds(spec: DatasetSpec, off: tuple[float, float], text: str, place: Place, record: Recorder) -> None:
    """Record how far the clip in the middle and the worst one are off, and the speeds in words."""
    for name, value in (("speed_off", off[0]), ("speed_off_worst", off[1])):
        record.known(f"dataset.{name}", value, subject=spec.subject, places=[place])
    record.known("dataset.speeds", text, subject=spec.subject, places=[place])


def _factor(speed: float) -> float:
    """Return how far a speed is off, as a factor of at least 1: 0.5 and 2 are equally far."""
    return max(speed, 1 / speed)


def _short(taken: Taken, spec: DatasetSpec, record: Recorder) -> None:
    short = sorted((seen.decoded, item.media.file) for item, seen in taken.seen if seen.decoded < spec.num_frames)
    places = [Place(short[0][1])] if short else [Place(taken.clips[0].media.file)]
    texts = [f"{shortened(file)} ({frames} frames)" for frames, file in short]
    record.known("dataset.short_clips", len(short), subject=spec.subject, places=places)
    record.known("dataset.short_clip_files", named(texts), subject=spec.subject, places=places)


def _area(taken: Taken, spec: DatasetSpec, config: Config, record: Recorder) -> None:
    """Record the smallest clip's area as a share of the largest area it is trained at."""
    found = config.setting("clip.resolution", spec.subject).value
    sides = [side for each in (found if isinstance(found, list) else [found]) if (side := finite(each)) and side >= 1]
    side = max(sides) if sides else DEFAULT_RESOLUTION
    item, seen = min(taken.seen, key=_pixels)
    text = f"{shortened(item.media.file)} ({seen.width} x {seen.height})"
    places = [Place(item.media.file)]
    record.known("dataset.area_share", seen.width * seen.height / side**2, subject=spec.subject, places=places)
    record.known("dataset.smallest_clip", text, subject=spec.subject, places=places)


def _pixels(pair: tuple[Item, Pictures]) -> int:
    return pair[1].width * pair[1].height

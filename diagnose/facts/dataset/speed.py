"""How fast the trained clips play against their own speed, and whether they are long and large enough.

The trainer spreads num_frames over the whole clip (shrink_video_to_frames), or takes every n-th frame, n a whole
number; a clip too short for that is stretched like a shrunk one (dataloader_mixins.py, load_and_process_video).
The model plays what it learned at its own rate.
"""

from __future__ import annotations

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import SetFacts, Taken, named, own_length, shortened
from diagnose.rulebase.domain import Network
from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.sources.finite import finite
from diagnose.trainers.declared import Config

DEFAULT_RESOLUTION = 512
"""The resolution where none is written (config_modules.py, DatasetConfig)."""


def apparent_speed(frames: int, rate: float, spec: DatasetSpec, fps: float, model_rate: float) -> float | None:
    """Return how many times its own speed a clip of so many `frames` at this `rate` is trained at.

    `fps` is the rate that frames are taken at where the clip is not shrunk; all rates are in frames per second.
    """
    if spec.counts_itself:
        return model_rate / fps
    step = max(1, round(rate / fps))
    if spec.shrink or frames // step < spec.num_frames:
        if spec.num_frames < 2 or frames < 2:  # noqa: PLR2004 - one frame has no speed
            return None
        return ((frames - 1) / rate) / ((spec.num_frames - 1) / model_rate)
    return step * model_rate / rate


def record_speed(taken: Taken, own: SetFacts, model_rate: float | None, config: Config) -> None:
    """Record speed, short clips and the smallest clip, as the decoded clips show them."""
    if not taken.video:
        _of_single_frames(own)
    elif taken.seen:
        if model_rate is not None:
            _speeds(taken, own, rate_taken(own.spec, config), model_rate)
        if not own.spec.counts_itself:
            short = sorted((seen.decoded, item.media.file) for item, seen in taken.seen)
            short = [(frames, file) for frames, file in short if frames < own.spec.num_frames]
            places = [Place(file) for _, file in short[:1]] or [Place(taken.clips[0].media.file)]
            texts = [f"{shortened(file)} ({frames} frames)" for frames, file in short]
            own.known("dataset.short_clips", len(short), places)
            own.known("dataset.short_clip_files", named(texts), places)
        _area(taken, own, config)


def record_longest(taken: Taken, own: SetFacts, network: Network, config: Config) -> None:
    """Record the frames that the longest clip gives where each gives as many as it is long, if all could be read.

    Upstream cuts them to 4n+1, by default from one frame less (dataloader_mixins.py, get_auto_frame_count).
    """
    if not (own_length(config, own.spec.subject) and taken.clips):
        return
    counts = {item.media.file: seen.decoded / seen.rate for item, seen in taken.seen if seen.rate}
    if not (taken.decided and taken.complete) or len(counts) < len(taken.clips):
        own.unknown("dataset.longest_frames", "not every clip could be read to its end")
        return
    file = max(counts, key=lambda each: counts[each])
    latents = int(counts[file] * rate_taken(own.spec, config)) // network.frames_per_latent
    own.known("dataset.longest_frames", latents * network.frames_per_latent + 1, [Place(file)], "at the most")


def record_speed_as_declared(own: SetFacts, model_rate: float | None, config: Config) -> None:
    """Record the speed that the config alone implies: of clips that play at the rate they are read at."""
    spec = own.spec
    if spec.num_frames <= 1 and not spec.counts_itself:
        _of_single_frames(own)
    elif model_rate is not None and (spec.counts_itself or not spec.shrink):
        fps = rate_taken(spec, config)
        speed = model_rate / fps
        text = f"{speed:.2f} times their own speed, if they play at {fps:g} frames a second"
        _record_speeds(own, _factor(speed), _factor(speed), text, config.place("clip.fps", spec.subject))


def _of_single_frames(own: SetFacts) -> None:
    for name, value in (("dataset.speed_off_worst", 1), ("dataset.short_clips", 0)):
        own.known(name, value, note="single frames have no speed and no length")


def rate_taken(spec: DatasetSpec, config: Config) -> float:
    """Return the rate at which frames are taken of clips that are not shrunk."""
    return spec.fps if spec.fps is not None else float(config.model.default("clip.fps") or 0)


def _speeds(taken: Taken, own: SetFacts, fps: float, model_rate: float) -> None:
    found = [
        (speed, item.media.file)
        for item, seen in taken.seen
        if seen.rate and (speed := apparent_speed(seen.decoded, seen.rate, own.spec, fps, model_rate)) is not None
    ]
    if not found:
        return
    (slow, slowest), (fast, fastest) = min(found), max(found)
    text = f"{fast:.2f} times their own speed"
    if slow != fast:
        text = f"{slow:.2f} ({shortened(slowest)}) to {fast:.2f} ({shortened(fastest)}) times their own speed"
    factors = sorted((_factor(speed), file) for speed, file in found)
    worst, file = factors[-1]
    _record_speeds(own, factors[(len(factors) - 1) // 2][0], worst, text, Place(file))


def _record_speeds(own: SetFacts, middle: float, worst: float, text: str, place: Place) -> None:
    """Record how far the clip in the middle and the worst one are off, and the speeds in words."""
    own.known("dataset.speed_off", middle, [place])
    own.known("dataset.speed_off_worst", worst, [place])
    own.known("dataset.speeds", text, [place])


def _factor(speed: float) -> float:
    """Return how far a speed is off, as a factor of at least 1: 0.5 and 2 are equally far."""
    return max(speed, 1 / speed)


def _area(taken: Taken, own: SetFacts, config: Config) -> None:
    """Record the smallest clip's area as a share of the largest area it is trained at."""
    found = config.setting("clip.resolution", own.spec.subject).value
    sides = [side for each in (found if isinstance(found, list) else [found]) if (side := finite(each)) and side >= 1]
    side = max(sides, default=DEFAULT_RESOLUTION)
    item, seen = min(taken.seen, key=lambda pair: pair[1].width * pair[1].height)
    places = [Place(item.media.file)]
    own.known("dataset.area_share", seen.width * seen.height / side**2, places)
    own.known("dataset.smallest_clip", f"{shortened(item.media.file)} ({seen.width} x {seen.height})", places)

"""The motion in training clips as the trainer teaches it, seen as the previews show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from diagnose.facts.dataset.speed import apparent_speed, rate_taken
from diagnose.motion.measured import ClipMotion
from diagnose.motion.run import at_speed
from diagnose.sources.dataset.listing import DatasetReading
from diagnose.sources.video.frames import Pictures
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import dataset_specs


def taught_clips(
    clips: Mapping[str, Mapping[str, ClipMotion]],
    datasets: Sequence[DatasetReading],
    config: Config | None,
    model_rate: float | None,
    *,
    decided: bool,
) -> Iterator[ClipMotion]:
    """Yield measured clips at the speed at which a preview shows what they taught.

    The trainer squeezes a clip into the frames it takes of it, and a preview plays its frames at a rate of its own.
    Nothing is yielded where either is unknown.

    Args:
        clips: the motion at the clips' own speed, by data set and file.
        datasets: the data sets as they lie here.
        config: the config.
        model_rate: frames per second of the model's videos.
        decided: the trainer is known; it decides at which rate frames are taken of clips that are not shrunk.
    """
    plays = config.finite("preview.fps") if config is not None else None
    if config is None or model_rate is None or plays is None or plays.value <= 0:
        return
    specs = {spec.subject: spec for spec in dataset_specs(config.reading)}
    for reading in datasets:
        spec, own = specs.get(reading.subject), clips.get(reading.subject, {})
        if spec is None or not (decided or spec.taken is not None):
            continue
        for item in reading.items:
            seen, motion = item.pictures, own.get(item.media.file)
            taken = rate_taken(spec, config)
            if motion is None or not isinstance(seen, Pictures) or not (seen.rate and taken):
                continue
            speed = apparent_speed(seen.decoded, seen.rate, spec, taken, model_rate)
            if speed is not None:
                yield at_speed(motion, speed * float(plays.value) / model_rate)

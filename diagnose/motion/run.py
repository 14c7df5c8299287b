"""What is measured of a run: the motion of its previews, and that of some clips it was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.cache import Cache
from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.motion.series import Motion, in_force
from diagnose.sources.dataset.listing import DatasetReading, Item, MediaKind
from diagnose.sources.readings import RunReadings, SampleFile
from diagnose.sources.video.frames import Pictures

MOST_PREVIEWS = 1200
"""Of a run; ten times as many as 30 rounds of 4 prompts."""
MOST_CLIPS = 8
"""Training clips of a data set that are measured: enough for a median, and little beside the previews."""
RATES = ("amount", "strong", "camera", "object", "object_strong")
"""The figures that grow with the speed at which a clip is played."""
STILLS = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
"""How the files of previews end that are one picture by their format."""


class RunMotion(Struct, frozen=True):
    """What was measured.

    Attributes:
        previews: the motion in each preview, by its file.
        clips: that in some training clips at their own speed, by data set and by the clip's file.
    """

    previews: Mapping[str, ClipMotion | Unmeasured] = {}
    clips: Mapping[str, Mapping[str, ClipMotion]] = {}


def measure_run(readings: RunReadings, cache: Cache) -> RunMotion:
    """Measure the previews of a run that may move, and where there are any, some clips of its data sets."""
    from diagnose.motion.measure import measure_clips  # noqa: PLC0415 - a pre-flight measures nothing

    previews = spread([each for each in in_force(readings.samples) if _may_move(each)])[:MOST_PREVIEWS]
    if not previews:
        return RunMotion()
    clips = {reading.subject: some_clips(reading) for reading in readings.datasets}
    paths = [readings.path / each.file for each in previews]
    paths += dict.fromkeys(item.media.path for items in clips.values() for item in items)
    found = dict(zip(paths, measure_clips(paths, cache), strict=True))
    return RunMotion(
        {each.file: replace(found[path], file=each.file) for each, path in zip(previews, paths, strict=False)},
        {subject: dict(_measured(items, found)) for subject, items in clips.items()},
    )


def _may_move(preview: SampleFile) -> bool:
    return PurePosixPath(preview.file).suffix.lower() not in STILLS


def _measured(items: Sequence[Item], found: Mapping[Path, Motion]) -> Iterator[tuple[str, ClipMotion]]:
    for item in items:
        motion = found[item.media.path]
        if isinstance(motion, ClipMotion):
            yield item.media.file, replace(motion, file=item.media.file)


def at_speed(motion: ClipMotion, times: float) -> ClipMotion:
    """Return the motion of a clip that is played so many times as fast."""
    faster = {name: getattr(motion, name) for name in RATES}
    scaled = {name: None if value is None else value * times for name, value in faster.items()}
    return replace(motion, seconds=motion.seconds and motion.seconds / times, **scaled)


def some_clips(reading: DatasetReading) -> list[Item]:
    """Return some of the clips that decode to their end, evenly spread by name."""
    whole = [item for item in reading.items if _whole(item)]
    stride = max(1, -(-len(whole) // MOST_CLIPS))
    return whole[::stride]


def _whole(item: Item) -> bool:
    seen = item.pictures
    return item.media.kind is MediaKind.CLIP and isinstance(seen, Pictures) and seen.whole and not seen.damaged


def spread(previews: Sequence[SampleFile]) -> list[SampleFile]:
    """Return the previews in the order in which they are worth measuring, should the time be up before the last.

    Whole rounds, the first and the last step first, then those in the middle of what is known.
    """
    steps = sorted({each.step for each in previews})
    if not steps:
        return []
    rank = {step: place for place, step in enumerate(_halving(steps))}
    return sorted(previews, key=lambda each: (rank[each.step], each.prompt))


def _halving(steps: Sequence[int]) -> Iterator[int]:
    yield steps[0]
    if len(steps) > 1:
        yield steps[-1]
    spans = [(0, len(steps) - 1)]
    for low, high in spans:
        middle = (low + high) // 2
        if low < middle < high:
            yield steps[middle]
            spans += [(low, middle), (middle, high)]

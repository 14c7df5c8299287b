"""Whether the files decode to their end, by our own reading or the trainer's console, and whether the clips move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import MOST_NAMED, SetFacts, Taken, damage, named, shortened
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.media import DatasetSpec, MediaKind
from diagnose.sources.readings import RunReadings
from diagnose.sources.video.frames import Pictures
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import dataset_specs


def record_pictures(taken: Taken, own: SetFacts, static_movement: float) -> None:
    """Record damaged files and clips that stand still; `static_movement` is in levels of 255."""
    faults = [(item.media.file, fault) for item in taken.items if (fault := damage(item.pictures))]
    sound = [item for item in taken.items if not damage(item.pictures)]
    unseen = sum(not (isinstance(item.pictures, Pictures) and item.pictures.whole) for item in sound)
    damaged = [(Place(file), f"{shortened(file)} ({fault})") for file, fault in faults]
    own.count("dataset.damaged", damaged, taken, unseen)
    if taken.decided:
        own.known("dataset.usable", len(sound), taken.first)
    if not taken.video:
        for name in ("dataset.static", "dataset.repeated_frames"):
            own.known(name, 0, note="single frames have no motion")
        return

    moving = [(seen.movement, item.media.file) for item, seen in taken.seen if seen.movement is not None]
    still = sorted((level, file) for level, file in moving if level < static_movement)
    unjudged = sum(item.media.kind is MediaKind.CLIP for item in sound) - len(moving)
    own.count("dataset.static", [(Place(file), shortened(file)) for _, file in still], taken, unjudged)
    if moving:
        own.known("dataset.static_share", len(still) / len(moving), [Place(min(moving)[1])])

    files = {file for _, file in still}
    repeats = [
        (seen.identical, item.media.file)
        for item, seen in taken.seen
        if seen.identical is not None and item.media.file not in files
    ]
    if repeats:
        share, file = max(repeats)
        own.known("dataset.repeated_frames", 100 * share, [Place(file)])
        own.known("dataset.repeated_clip", shortened(file), [Place(file)])


def record_refused_clips(readings: RunReadings, config: Config, record: Recorder) -> None:
    """Record `dataset.damaged` and `dataset.damaged_files` of the data sets that were not looked at themselves.

    Nothing is recorded of a data set without such clips: the trainer opens a clip, and does not decode it to its end.
    """
    if readings.console is None:
        return
    looked_at = {reading.subject for reading in readings.datasets}
    specs = [spec for spec in dataset_specs(config.reading) if spec.subject not in looked_at]
    refused: dict[str, dict[str, Place]] = defaultdict(dict)
    for mention in readings.console.clip_errors:
        clip = PurePosixPath(mention.text.replace("\\", "/"))
        spec = _owner(clip, specs)
        if spec is not None:
            refused[spec.subject].setdefault(clip.name, mention.at)
    for subject, clips in refused.items():
        names = [f"{shortened(name)} (the trainer could not open it)" for name in clips]
        places = list(clips.values())[:MOST_NAMED]
        record.known("dataset.damaged", len(clips), subject=subject, places=places)
        record.known("dataset.damaged_files", named(names), subject=subject, places=places)


def _owner(path: PurePosixPath, specs: Sequence[DatasetSpec]) -> DatasetSpec | None:
    """Return the data set that a clip lies in; the only one where its folder was moved since."""
    inside = [s for s in specs if s.folder is not None and path.is_relative_to(s.folder.replace("\\", "/").rstrip("/"))]
    return inside[0] if inside else specs[0] if len(specs) == 1 else None

"""Whether the files decode to their end, by our own reading or the trainer's console, and whether the clips move."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.facts.dataset.taken import MOST_NAMED, Taken, damage, named, shortened
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.media import DatasetSpec, Item
from diagnose.sources.readings import RunReadings
from diagnose.sources.video.frames import Pictures
from diagnose.trainers.declared import Config
from diagnose.trainers.rooms import dataset_specs

SINGLE = "single frames have no motion"


def record_pictures(taken: Taken, spec: DatasetSpec, static_movement: float, record: Recorder) -> None:
    """Record damaged files and clips that stand still; `static_movement` is in levels of 255."""
    subject = spec.subject
    faults = [(item, fault) for item in taken.items if (fault := damage(item.pictures))]
    unseen = [item for item in taken.items if not _looked_at(item) and not damage(item.pictures)]
    damaged = [(item.media.file, f"{shortened(item.media.file)} ({fault})") for item, fault in faults]
    _counted("damaged", _Found(damaged, unseen), taken, spec, record)
    usable = len(taken.items) - len(faults)
    if taken.decided:
        record.known("dataset.usable", usable, subject=subject, places=_first(taken.items, spec))
    if not taken.video:
        for name in ("static", "repeated_frames"):
            record.known(f"dataset.{name}", 0, subject=subject, places=[spec.place], note=SINGLE)
        return
    moving = [(item, seen.movement) for item, seen in taken.seen if seen.movement is not None]
    still = sorted((level, item.media.file) for item, level in moving if level < static_movement)
    unjudged = [item for item in taken.clips if item not in {each for each, _ in moving} and not damage(item.pictures)]
    _counted("static", _Found([(file, shortened(file)) for _, file in still], unjudged), taken, spec, record)
    if moving:
        _, stillest = min((level, item.media.file) for item, level in moving)
        share = len(still) / len(moving)
        record.known("dataset.static_share", share, subject=subject, places=[Place(stillest)])
    _repeats(taken, frozenset(file for _, file in still), spec, record)


def _repeats(taken: Taken, still: frozenset[str], spec: DatasetSpec, record: Recorder) -> None:
    """Record the largest share of repeated frames in a clip that moves."""
    shares = [
        (seen.identical, item.media.file)
        for item, seen in taken.seen
        if seen.identical is not None and item.media.file not in still
    ]
    if shares:
        share, file = max(shares)
        record.known("dataset.repeated_frames", 100 * share, subject=spec.subject, places=[Place(file)])
        record.known("dataset.repeated_clip", shortened(file), subject=spec.subject, places=[Place(file)])


class _Found(Struct, frozen=True):
    """Files at fault as (file, words for it), and those that nobody looked at to their end."""

    named: Sequence[tuple[str, str]]
    unseen: Sequence[Item]


def _counted(what: str, files: _Found, taken: Taken, spec: DatasetSpec, record: Recorder) -> None:
    """Record how many files are at fault and which; unknown where none is and some were not looked at."""
    subject, found, unseen = spec.subject, files.named, files.unseen
    places = [Place(file) for file, _ in found] or _first(taken.items, spec)
    if not found and (unseen or not taken.complete or not taken.decided):
        why = f"files not looked at to their end: {len(unseen)}" if unseen else "not every file was looked at"
        for name in (f"dataset.{what}", f"dataset.{what}_files"):
            record.unknown(name, why, subject=subject, places=places)
        return
    note = f"at least; files not looked at to their end: {len(unseen)}" if unseen else ""
    record.known(f"dataset.{what}", len(found), subject=subject, places=places, note=note)
    record.known(f"dataset.{what}_files", named([text for _, text in found]), subject=subject, places=places)


def _looked_at(item: Item) -> bool:
    return isinstance(item.pictures, Pictures) and item.pictures.whole


def _first(items: Iterable[Item], spec: DatasetSpec) -> list[Place]:
    return next(([Place(item.media.file)] for item in items), [spec.place])


_CLIP = re.compile(r"Error (?:processing|loading) video: (.+)")


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
        match = _CLIP.match(mention.text)
        spec = _owner(match[1], specs) if match else None
        if match and spec is not None:
            refused[spec.subject].setdefault(match[1].replace("\\", "/").rpartition("/")[2], mention.at)
    for subject, clips in refused.items():
        names = [f"{shortened(name)} (the trainer could not open it)" for name in clips]
        places = list(clips.values())[:MOST_NAMED]
        record.known("dataset.damaged", len(clips), subject=subject, places=places)
        record.known("dataset.damaged_files", named(names), subject=subject, places=places)


def _owner(clip: str, specs: Sequence[DatasetSpec]) -> DatasetSpec | None:
    """Return the data set that a clip lies in; the only one where its folder was moved since."""
    path = PurePosixPath(clip.replace("\\", "/"))
    inside = [s for s in specs if s.folder is not None and path.is_relative_to(s.folder.replace("\\", "/").rstrip("/"))]
    return inside[0] if inside else specs[0] if len(specs) == 1 else None

"""What the trainer says that it found in each data set, beside what the folder holds for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from diagnose.facts.dataset.taken import SetFacts, Taken
from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.sources.log_readings import FoundFiles
from diagnose.sources.readings import RunReadings


def found_by_trainer(readings: RunReadings, specs: Sequence[DatasetSpec]) -> Mapping[str, FoundFiles]:
    """Return what the last start that lists its data sets found in each, by the data set's subject.

    A data set is listed once for each of its resolutions, each time with the same files.
    """
    sessions = readings.console.sessions if readings.console is not None else ()
    found: dict[str, FoundFiles] = {}
    for each in next((session.found for session in reversed(sessions) if session.found), ()):
        spec = owner(_path(each.folder), specs)
        if spec is not None:
            found.setdefault(spec.subject, each)
    return found


def record_found(own: SetFacts, found: FoundFiles | None, taken: Taken | None) -> None:
    """Record `found.files`, `found.buckets`, and `found.left_out` where the folder was looked at."""
    if found is None:
        return
    own.known("found.files", found.files, [found.at])
    if found.buckets is not None:
        own.known("found.buckets", found.buckets, [found.at])
    if taken is not None and taken.decided:
        own.known("found.left_out", max(len(taken.items) - found.files, 0), [found.at, *taken.first])


def owner(path: PurePosixPath, specs: Sequence[DatasetSpec]) -> DatasetSpec | None:
    """Return the data set that a clip lies in; the only one where its folder was moved since."""
    inside = [s for s in specs if s.folder is not None and path.is_relative_to(_path(s.folder))]
    return inside[0] if inside else specs[0] if len(specs) == 1 else None


def _path(written: str) -> PurePosixPath:
    return PurePosixPath(written.replace("\\", "/").rstrip("/"))

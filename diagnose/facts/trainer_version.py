"""Which state of its trainer wrote a run: what its checkpoints say, when it was written, and what that decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timezone

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.facts.recorder import NONE, Recorder
from diagnose.sources.readings import RunReadings
from diagnose.trainers.trainer_model import Model, TrainerModel, VersionChange, before

_NUMBER = re.compile(r"\d{1,6}")


class Era(Struct, frozen=True):
    """The oldest version number in the checkpoints, and the day of the last thing written; None where nothing tells."""

    version: str | None
    version_place: Place | None
    last_day: date | None
    day_place: Place | None

    def has(self, change: VersionChange) -> bool | None:
        """Return whether the trainer that wrote the run had the change; None where neither number nor day decides.

        A day decides one way only: nothing can have a change that was made later, but an old copy may run at any time.
        """
        since = change.since
        if since is None:
            return False
        if self.version is not None:
            if _parts(self.version) >= _parts(since.version):
                return True
            if change.last_without is not None and _parts(self.version) <= _parts(change.last_without):
                return False
        return False if self.last_day is not None and self.last_day < since.day else None

    @property
    def places(self) -> tuple[Place, ...]:
        """What tells the era."""
        return tuple(place for place in (self.version_place, self.day_place) if place is not None)


def read_era(readings: RunReadings) -> Era:
    """Return what tells the age of the trainer that wrote a run."""
    stamped = [
        (_parts(c.software_version), c.software_version, Place(c.file, key="__metadata__.software"))
        for c in readings.checkpoints
        if c.software_version is not None and _NUMBER.match(c.software_version)
    ]
    days = [(day, place) for seconds, place in _times(readings) if (day := _day(seconds)) is not None]
    oldest = min(stamped, key=lambda found: found[0], default=None)
    last = max(days, key=lambda found: found[0], default=(None, None))
    version, version_place = oldest[1:] if oldest else (None, None)
    return Era(version, version_place, *last)


def trainer_then(model: Model, era: Era) -> Model:
    """Return the trainer's model as it was when the run was written, the latest state where nothing tells."""
    for change in model.versions:
        if change.since is not None and change.overlay and era.has(change) is False:
            model = before(model, change)
    return model


def record_version(model: TrainerModel, era: Era, record: Recorder) -> None:
    """Record `trainer.version`, and the faults of that time: `trainer.old_fault` and `trainer.old_fault_on_resume`."""
    if era.version is not None and era.version_place is not None:
        record.known("trainer.version", era.version, places=[era.version_place])
    if not model.versions:
        return  # its history is not described
    for name, on_resume in (("trainer.old_fault", False), ("trainer.old_fault_on_resume", True)):
        clear = True
        for change in model.versions:
            if change.fault is None or change.on_resume is not on_resume:
                continue
            has = era.has(change)
            clear = clear and has is True
            if has is None:
                record.unknown(name, _when(change), subject=change.id, places=era.places)
            elif not has:
                record.known(name, change.fault, subject=change.id, places=era.places, note=_when(change))
        if clear:
            record.known(name, NONE, subject=NONE, places=era.places)


def _when(change: VersionChange) -> str:
    since = change.since
    return f"corrected on {since.day} ({since.commit})" if since is not None else "corrected in no release"


def _times(readings: RunReadings) -> Iterator[tuple[float, Place]]:
    """Yield what carries a time, seconds since the epoch, with its place. Files' own times are no evidence: copies."""
    for log in readings.logs:
        for row in log.rows[-1:]:
            if row.time is not None:
                yield row.time, log.place(row)
    for sample in readings.samples:
        yield sample.epoch_ms / 1000, Place(sample.file, step=sample.step)


def _day(seconds: float) -> date | None:
    """Return the day of a time, None where a file names one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).date() if seconds > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _NUMBER.findall(version)[:3])

"""The data sets a report looked at: where they lie, why there, and how much of each is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.facts.known import Known
from diagnose.sources.dataset.media import DatasetReading


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """One data set. `files`: how many of its files are trained on; None where the unknown trainer decides."""

    subject: str
    folder: str
    how: str
    files: int | None


def summarise(readings: Sequence[DatasetReading], known: Known) -> tuple[DatasetSummary, ...]:
    """Return the data sets in the order of the config."""
    return tuple(
        DatasetSummary(each.subject, each.folder.as_posix(), each.how, _files(known, each.subject)) for each in readings
    )


def _files(known: Known, subject: str) -> int | None:
    fact = known.value("dataset.files", subject)
    return int(fact.value) if fact is not None and fact.value is not None else None

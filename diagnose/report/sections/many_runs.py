"""Several runs and configs, a line each: as a table to read, and as a document for programs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from diagnose.report.blocks import Block, paragraph, table
from diagnose.report.figures import counted
from diagnose.report.sections.finding_lists import faults
from diagnose.report.spans import Line, Tone, code, line, prose, toned
from diagnose.verdict.report import Report

SCHEMA = "diagnose/runs/1"
_ORDER = ("blocked", "failing", "attention", "healthy", "not judged")
_TONES = {"healthy": Tone.GOOD, "attention": Tone.MILD, "failing": Tone.BAD, "blocked": Tone.BAD}


class Row(NamedTuple):
    """A run or a config in a line."""

    path: Path
    trained: int | None = None
    configured: int | None = None
    state: str = ""
    age: float | None = None
    """Seconds since its newest file was written."""
    report: Report | None = None
    fault: str = ""
    """Why it was not judged, if that was asked for."""

    @property
    def steps(self) -> str:
        """How many steps were trained, of how many."""
        return " of ".join(str(each) for each in (self.trained, self.configured) if each is not None)

    @property
    def status(self) -> str:
        """The verdict in a word."""
        return self.report.verdict.status.value if self.report is not None else _ORDER[-1]

    @property
    def found(self) -> Counter[str]:
        """How many findings there are of each severity."""
        return Counter(each.severity.value for each in self.report.findings) if self.report is not None else Counter()


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the worst verdict first; of runs that were not judged, the newest."""
    return sorted(rows, key=lambda row: (_ORDER.index(row.status), row.age is None, row.age))


def many_runs(rows: Sequence[Row]) -> list[Block]:
    """Return the rows, in their order, as a table under a title; what all paths share stands in the title."""
    judged = any(row.report is not None or row.fault for row in rows)
    home = _home([row.path for row in rows])
    where = line(" in ", code(str(home))) if home is not None else ()
    title = line(counted(len(rows), "run", "runs"), where, f", {'worst' if judged else 'newest'} first")
    names = [code(os.path.relpath(row.path, home) if home is not None else str(row.path)) for row in rows]
    if judged:
        cells = [
            (toned(_TONES.get(row.status, Tone.NONE), row.status), name, row.steps, *_first(row))
            for row, name in zip(rows, names, strict=True)
        ]
        return [paragraph(title), table(("verdict", "run", "steps", "first of all", "more"), cells)]
    listed = [(name, row.steps, prose(row.state), _aged(row.age)) for row, name in zip(rows, names, strict=True)]
    return [paragraph(title), table(("run", "steps", "state", "last write"), listed)]


def many_runs_document(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows as values that JSON has."""
    return {"schema": SCHEMA, "runs": [_record(row) for row in rows]}


def _home(paths: Sequence[Path]) -> Path | None:
    """Return the folder that all paths share, None where there is none worth to name."""
    if len(paths) < 2 or len({path.is_absolute() for path in paths}) > 1:  # noqa: PLR2004 - one shares with nobody
        return None
    shared = Path(os.path.commonpath([path.parent for path in paths]))
    return None if shared in {Path(), Path(shared.anchor)} else shared


def _first(row: Row) -> tuple[Line, str]:
    """Return what to say of a run first, and how many more faults there are."""
    if row.report is None:
        return prose(row.fault), ""
    told = faults(row.report)
    if not told:
        return prose(row.report.verdict.headline), ""
    return prose(told[0].head.title), f"+{len(told) - 1}" if told[1:] else ""


def _aged(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def _record(row: Row) -> dict[str, Any]:
    report = row.report
    return {
        "path": row.path.as_posix(),
        "name": report.run.name if report is not None else row.path.name,
        "status": row.status if report is not None else None,
        "headline": report.verdict.headline if report is not None else None,
        "findings": dict(row.found) if report is not None else None,
        "steps_trained": row.trained,
        "steps_configured": row.configured,
        "state": row.state or None,
        "age_seconds": None if row.age is None else round(row.age),
        "fault": row.fault or None,
    }

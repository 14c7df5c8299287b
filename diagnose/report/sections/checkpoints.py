"""The saved steps: how the two experts' weights moved over the run."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.report.figures import UNKNOWN, Kind, figure
from diagnose.report.tables import drop_empty_columns, table
from diagnose.verdict.report import Report
from diagnose.verdict.run_tables import CheckpointRow

MOST_ROWS = 12
_HEADER = (
    "Step",
    "High magnitude",
    "Low magnitude",
    "Weight ratio",
    "High update norm",
    "Low update norm",
    "High LR",
    "Low LR",
    "LR ratio",
)


def checkpoints(report: Report) -> list[str]:
    """The table of saved steps, thinned to MOST_ROWS; nothing before a run."""
    rows = report.checkpoints
    if report.checklist:
        return []
    if not rows:
        return ["## Checkpoints", "No checkpoint was found, or none could be read."]
    best = best_ratio(rows)
    marked = [index for index, row in enumerate(rows) if row.mark is not None]
    shown = thinned(len(rows), best, marked)
    header, cells = drop_empty_columns(_HEADER, [_row(rows[i], best=i == best) for i in shown], UNKNOWN)
    blocks = ["## Checkpoints", table(header, cells, numbers_from=1)]
    notes = [f"The largest weight ratio{_among(report)} is set in bold."] if best is not None else []
    left = len(rows) - len(shown)
    if left:
        notes.append(f"{len(shown)} of {len(rows)} saved steps are shown; the other {left} are in the JSON report.")
    if len(header) == 1:
        notes.append("Their weights were not measured.")
    return [*blocks, " ".join(notes)] if notes else blocks


def _among(report: Report) -> str:
    course = report.evolution.trajectory if report.evolution is not None else None
    return " of the saves that are compared" if course is not None and course.compared else ""


def best_ratio(rows: Sequence[CheckpointRow]) -> int | None:
    """Return the index of the row with the largest weight ratio of those that compare; None without two to compare.

    A ratio in the middle of a turn, when one expert has trained longer than the other, is none to compare.
    """
    known = [row for row in rows if row.weight_ratio is not None]
    marked = (index for index, row in enumerate(rows) if row.best)
    return next(marked, None) if len(known) > 1 else None


def thinned(count: int, best: int | None, marked: Sequence[int] = ()) -> list[int]:
    """Return the indices to show: first, last, marked, the best with its neighbours, every k-th, MOST_ROWS at most."""
    kept = {0, count - 1, *marked}
    if best is not None:
        kept |= {index for index in (best - 1, best, best + 1) if 0 <= index < count}
    spread = (kept | set(range(0, count, stride)) for stride in range(1, count + 1))
    return sorted(next(indices for indices in spread if len(indices) <= MOST_ROWS))


def _row(row: CheckpointRow, *, best: bool) -> list[str]:
    ratio = figure(row.weight_ratio, Kind.RATIO)
    return [
        _step(row),
        *(figure(each, Kind.MAGNITUDE) for each in row.magnitude.values()),
        f"**{ratio}**" if best else ratio,
        *(figure(each, Kind.MAGNITUDE) for each in row.update_norm.values()),
        *(figure(each, Kind.RATE) for each in row.lr.values()),
        figure(row.lr_ratio, Kind.RATIO),
    ]


def _step(row: CheckpointRow) -> str:
    step = figure(row.step, Kind.COUNT, "no step in its name")
    words = ["final"] if row.final else []
    return ", ".join([step, *words, *([row.mark] if row.mark else [])])

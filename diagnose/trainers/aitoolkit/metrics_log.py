"""Read the fork's `metrics_<job>.jsonl`: one JSON object per step, appended while it trains.

A file with no rows is valid: the fork writes none when one expert alone trains with automagic.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown, status_of
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import LONGEST, head, pieces
from diagnose.sources.log_readings import Abilities, LogReading
from diagnose.sources.row_writer import RowWriter
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit import FORK
from diagnose.trainers.aitoolkit.expert_turns import finish_rows
from diagnose.trainers.aitoolkit.file_names import METRICS
from diagnose.trainers.aitoolkit.metrics_line import metrics_row

ABILITIES = Abilities(per_expert_rates=True, every_step=True, exact=True, timed=True, phases=True)
WHY_EMPTY = "the fork writes none where one expert is trained alone with automagic"


def read_metrics(path: Path, *, run_dir: Path) -> LogReading:
    """Read a metrics file. A step written again replaces the earlier row; values of a wrong kind become None.

    Raises:
        DiagnoseError: the file cannot be read, or has more steps than any run.
    """
    file = shown(path, run_dir)
    tally = Tally(file)
    writer = RowWriter(file)
    for piece in pieces(path):
        if not piece.text or piece.text.isspace():
            continue
        row = metrics_row(piece, tally)
        if row is not None and writer.put(row):
            tally.add("step written again; the later row counts", line=piece.number, step=row.step)
    rows = finish_rows(writer.rows())
    for at, (before, step) in enumerate(pairwise(rows.steps), 1):
        if step > before + 1:  # a pruned or extended run, or lines that were lost
            tally.add("no row for the step or steps just before this one", line=rows[at].line, step=step)
    name = METRICS.fullmatch(path.name)
    return LogReading(
        file, ABILITIES, rows, tally.remarks(), job=name["job"] if name is not None else None, why_empty=WHY_EMPTY
    )


def _is_metrics(path: Path) -> bool:
    try:
        entry = json.loads(head(path, LONGEST).lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "step" in entry


def _own_first(paths: Sequence[Path], job: str) -> list[Path]:
    """Put the metrics file of this job first, then the largest."""
    sizes = dict.fromkeys(paths, 0)
    for path in paths:
        with contextlib.suppress(DiagnoseError):  # reading it will say why
            status = status_of(path)
            sizes[path] = status.st_size if status is not None else 0
    return sorted(paths, key=lambda path: (path.name != f"metrics_{job}.jsonl", -sizes[path], path.name))


READERS = (
    FileReader(
        Role.LOG,
        "metrics_*.jsonl",
        METRICS,
        read_metrics,
        _is_metrics,
        arrange=_own_first,
        sign=(FORK, "only the fork writes a metrics_*.jsonl"),
    ),
)

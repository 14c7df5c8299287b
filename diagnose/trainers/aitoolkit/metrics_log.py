"""Read the fork's `metrics_<job>.jsonl`: one JSON object per step, appended while it trains.

A file with no rows is valid: the fork writes none when one expert alone trains with automagic. Whatever a line has
wrong costs that line or that value, never the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown, status_of
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.finite import logged_number
from diagnose.sources.lines import LONGEST, Piece, head, pieces
from diagnose.sources.log_readings import MOST_STEPS, Abilities, ExpertSource, LogReading, LogRow, check_room
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit import FORK
from diagnose.trainers.aitoolkit.expert_turns import finish_rows
from diagnose.trainers.aitoolkit.file_names import METRICS

Entry: TypeAlias = Mapping[str, Any]

ABILITIES = Abilities(per_expert_rates=True, every_step=True, exact=True, timed=True, phases=True)
WHY_EMPTY = "the fork writes none where one expert is trained alone with automagic"

_NUMBERS = {
    "loss": "loss",
    "learning_rate": "lr_shared",
    "gradient_stability": "gradient_stability",
    "linear_alpha": "linear_alpha",
    "loss_r2": "loss_r2",
}
"""Key in the file -> field of the row."""

_RATES = {"lr_0": Expert.HIGH.value, "lr_1": Expert.LOW.value}
"""Key in the file -> expert. The trainer lists its parameter groups high-noise first."""
_EXPERTS = {"high_noise": Expert.HIGH.value, "low_noise": Expert.LOW.value}


def read_metrics(path: Path, *, run_dir: Path) -> LogReading:
    """Read a metrics file. A step written again replaces the earlier row; values of a wrong kind become None.

    Raises:
        DiagnoseError: the file cannot be read, or has more steps than any run.
    """
    file = shown(path, run_dir)
    tally = Tally(file)
    rows: dict[int, LogRow] = {}
    for piece in pieces(path):
        if not piece.text.strip():
            continue
        entry = _entry(piece, tally)
        row = None if entry is None else _row(entry, piece.number, tally)
        if row is None:
            continue
        if row.step in rows:
            tally.add("step written again; the later row counts", line=piece.number, step=row.step)
        rows[row.step] = row
        check_room(rows, file)
    finished = finish_rows(rows)
    for before, row in pairwise(finished):  # a pruned or extended run, or lines that were lost
        if row.step > before.step + 1:
            tally.add("no row for the step or steps just before this one", line=row.line, step=row.step)
    name = METRICS.fullmatch(path.name)
    return LogReading(
        file, ABILITIES, finished, tally.remarks(), job=name["job"] if name is not None else None, why_empty=WHY_EMPTY
    )


def _entry(piece: Piece, tally: Tally) -> Entry | None:
    if piece.cut:
        tally.add("line too long to be the trainer's; skipped", line=piece.number)
        return None
    try:
        entry = json.loads(piece.text)
    except (ValueError, RecursionError):
        text = "line is not JSON; skipped" if piece.ended else "the last line breaks off; skipped"
        tally.add(text, line=piece.number)
        return None
    if not isinstance(entry, dict):
        tally.add("line is not a JSON object; skipped", line=piece.number)
        return None
    return entry


def _row(entry: Entry, line: int, tally: Tally) -> LogRow | None:
    step = entry.get("step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < MOST_STEPS:
        tally.add("line has no step number; skipped", line=line, key="step")
        return None
    numbers = {field: _number(entry, key, line, step, tally) for key, field in _NUMBERS.items()}
    stability = numbers["gradient_stability"]
    if stability is not None and not 0 <= stability <= 1:
        tally.add("gradient_stability is no share; taken as unknown", line=line, key="gradient_stability", step=step)
        numbers["gradient_stability"] = None
    rates = {expert: _number(entry, key, line, step, tally) for key, expert in _RATES.items()}
    expert = _expert(entry, line, step, tally)
    return LogRow(
        step=step,
        line=line,
        time=_time(entry, line, step, tally),
        expert=expert,
        expert_source=None if expert is None else ExpertSource.LOGGED,
        rates={name: rate for name, rate in rates.items() if rate is not None},
        phase=_text(entry, "phase", line, step, tally),
        file=None,  # the log is one file
        **numbers,
    )


def _number(entry: Entry, key: str, line: int, step: int, tally: Tally) -> float | None:
    number = logged_number(entry.get(key))
    if number is None and entry.get(key) is not None:
        tally.add(f"{key} is not a finite number; taken as unknown", line=line, key=key, step=step)
    return number


def _text(entry: Entry, key: str, line: int, step: int, tally: Tally) -> str | None:
    value = entry.get(key)
    if value is None or isinstance(value, str):
        return value
    tally.add(f"{key} is not text; taken as unknown", line=line, key=key, step=step)
    return None


def _expert(entry: Entry, line: int, step: int, tally: Tally) -> str | None:
    name = _text(entry, "expert", line, step, tally)
    if name is not None and name not in _EXPERTS:
        tally.add("expert is neither high_noise nor low_noise; taken as unknown", line=line, key="expert", step=step)
    return None if name is None else _EXPERTS.get(name)


def _time(entry: Entry, line: int, step: int, tally: Tally) -> float | None:
    """Return seconds since the epoch; the trainer writes naive local time, which is read as UTC."""
    written = _text(entry, "timestamp", line, step, tally)
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        tally.add("timestamp is not an ISO date; taken as unknown", line=line, key="timestamp", step=step)
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _is_metrics(path: Path) -> bool:
    try:
        entry = json.loads(head(path, LONGEST).lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "step" in entry


def _own_first(paths: Sequence[Path], job: str) -> list[Path]:
    """Put the metrics file of this job first, then the largest."""
    return sorted(paths, key=lambda path: (path.name != f"metrics_{job}.jsonl", -_size(path), path.name))


def _size(path: Path) -> int:
    try:
        status = status_of(path)
    except DiagnoseError:  # reading it will say why
        return 0
    return 0 if status is None else status.st_size


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

"""Read the fork's `metrics_<job>.jsonl`: one JSON object per step, appended while it trains.

A file with no rows is valid: the fork writes none when one expert alone trains with automagic. Whatever a line has
wrong costs that line or that value, never the file.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown, status_of
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.file_reader import FileReader, Role
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
        check_room(len(rows), file)
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
        entry = _decoded(piece.text)
    except (ValueError, RecursionError):
        text = "line is not JSON; skipped" if piece.ended else "the last line breaks off; skipped"
        tally.add(text, line=piece.number)
        return None
    if not isinstance(entry, dict):
        tally.add("line is not a JSON object; skipped", line=piece.number)
        return None
    return entry


def _decoded(text: bytes) -> Any:  # noqa: ANN401 - what the JSON holds
    """Return what a line holds. The quick reader takes no NaN, and few lines have one."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _row(entry: Entry, line: int, tally: Tally) -> LogRow | None:
    step = entry.get("step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < MOST_STEPS:
        tally.add("line has no step number; skipped", line=line, key="step")
        return None

    def unknown(key: str, fault: str) -> None:
        tally.add(f"{key} is {fault}; taken as unknown", line=line, key=key, step=step)

    keys = (*_NUMBERS, *_RATES)
    numbers = {key: tally.number(entry.get(key), key, line=line, step=step) for key in keys}
    stability = numbers["gradient_stability"]
    if stability is not None and not 0 <= stability <= 1:
        unknown("gradient_stability", "no share")
        numbers["gradient_stability"] = None
    texts = {key: entry.get(key) for key in ("expert", "timestamp", "phase")}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            unknown(key, "not text")
            texts[key] = None
    if texts["expert"] not in {None, *_EXPERTS}:
        unknown("expert", "neither high_noise nor low_noise")
    expert = _EXPERTS.get(texts["expert"] or "")
    time = None
    if texts["timestamp"] is not None:
        try:  # the trainer writes naive local time, which is read as UTC
            moment = datetime.fromisoformat(texts["timestamp"])
            time = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
        except ValueError:
            unknown("timestamp", "not an ISO date")
    return LogRow(
        step=step,
        line=line,
        time=time,
        expert=expert,
        expert_source=None if expert is None else ExpertSource.LOGGED,
        rates={name: rate for key, name in _RATES.items() if (rate := numbers[key]) is not None},
        phase=texts["phase"],
        file=None,  # the log is one file
        **{field: numbers[key] for key, field in _NUMBERS.items()},
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

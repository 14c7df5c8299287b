"""Tell by its content what a file is; names promise little in a folder that people keep things in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from diagnose.sources.console.bar import training_bar
from diagnose.sources.console.marks import Mark, marks
from diagnose.sources.filenames import METRICS
from diagnose.sources.lines import head
from diagnose.sources.readings import LogKind

HEAD = 1 << 18
"""Bytes looked at. The trainer names its job within the first few kB of its console."""

_SQLITE = b"SQLite format 3\0"
_LINE_END = re.compile(rb"[\r\n]+")
_JOB_KEYS = (re.compile(rb"""["']?process["']?\s*:"""), re.compile(rb"""["']?(?:job|config)["']?\s*:"""))


def log_kind(path: Path) -> LogKind | None:
    """Return which of the trainers' logs a file is, None if none of them.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, HEAD)
    if start.startswith(_SQLITE):
        return LogKind.LOSS_DB
    if METRICS.fullmatch(path.name) or _is_metrics(start):
        return LogKind.METRICS
    return LogKind.CONSOLE if _is_console(start) else None


def is_job_config(path: Path) -> bool:
    """Return whether a YAML or JSON file may be a training job; reading it will show.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, HEAD)
    return all(key.search(start) for key in _JOB_KEYS)


def _is_metrics(start: bytes) -> bool:
    try:
        entry = json.loads(start.lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "step" in entry


def _is_console(start: bytes) -> bool:
    for line in _LINE_END.split(start):
        told = {mark for mark, _ in marks(line.rstrip())}
        if told & {Mark.START, Mark.JOB} or training_bar(line) is not None:
            return True
    return False

"""Tell by its content what a file is; names promise little in a folder that people keep things in."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

from diagnose.sources.console.bar import training_bar
from diagnose.sources.console.marks import Mark, marks
from diagnose.sources.console.plain import plain
from diagnose.sources.filenames import METRICS
from diagnose.sources.lines import head, tail
from diagnose.sources.readings import LogKind

ENOUGH = 1 << 18
"""Bytes looked at, at either end. The trainer names its job within the first few kB of its console, but downloads may
have drawn bars for longer before it, and then the end tells."""

_SQLITE = b"SQLite format 3\0"
_COMMON = frozenset({Mark.OUT_OF_MEMORY, Mark.TRACEBACK, Mark.STOPPED, Mark.KILLED})
"""What other programs print as well."""
_FRAME = re.compile(rb'  File ".*[/\\](?:jobs|toolkit|extensions_built_in)[/\\][^"]*", line \d')
"""A traceback through the trainer's own code: people keep the end of a console, without its start."""
_LINE_END = re.compile(rb"[\r\n]+")
_JOB_KEYS = (re.compile(rb"""["']?process["']?\s*:"""), re.compile(rb"""["']?(?:job|config)["']?\s*:"""))


def log_kind(path: Path) -> LogKind | None:
    """Return which of the trainers' logs a file is, None if none of them.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, ENOUGH)
    if start.startswith(_SQLITE):
        return LogKind.LOSS_DB
    if METRICS.fullmatch(path.name) or _is_metrics(start):
        return LogKind.METRICS
    return LogKind.CONSOLE if _is_console(start) or _is_console(tail(path, ENOUGH)) else None


def is_job_config(path: Path) -> bool:
    """Return whether a YAML or JSON file may be a training job; reading it will show.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    start = head(path, ENOUGH)
    return all(key.search(start) for key in _JOB_KEYS)


def _is_metrics(start: bytes) -> bool:
    try:
        entry = json.loads(start.lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and "step" in entry


def _is_console(text: bytes) -> bool:
    lines = chain.from_iterable(map(plain, _LINE_END.split(text)))
    return any(training_bar(line) is not None or _begins(line) for line in lines)


def _begins(line: bytes) -> bool:
    line = line.rstrip()
    return _FRAME.match(line) is not None or any(mark not in _COMMON for mark, _ in marks(line))

"""Recognise a captured console of ai-toolkit by what it says, and put several in the order of their age."""

from __future__ import annotations

import re
from pathlib import Path

from diagnose.core.paths import status_of
from diagnose.sources.console_text.forms import plain
from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.lines import head, tail
from diagnose.trainers.aitoolkit.console.marks import marks
from diagnose.trainers.aitoolkit.console.printed_config import config_of
from diagnose.trainers.aitoolkit.console.progress_bar import training_bar
from diagnose.trainers.aitoolkit.console.transcript import join, read_transcript

ENOUGH = 1 << 18
"""Bytes looked at, at either end. The trainer names its job within the first few kB of its console, but downloads may
have drawn bars for longer before it, and then the end tells."""
MOVED = re.compile(r"(?P<number>\d{1,9})_log\.txt")
"""In `logs/`: the web interface of both trainers moves `log.txt` there at the next start."""

_ENDINGS = (".log", ".out", ".txt")
"""In the order in which such files are looked at."""
_FRAME = re.compile(rb'  File ".*[/\\](?:jobs|toolkit|extensions_built_in)[/\\][^"]*", line \d')
"""A traceback through the trainer's own code: people keep the end of a console, without its start."""
_LINE_END = re.compile(rb"[\r\n]+")


def is_console(path: Path) -> bool:
    """Return whether a file holds what the trainer prints.

    Raises:
        DiagnoseError: the file cannot be read.
    """
    texts = (read(path, ENOUGH) for read in (head, tail))
    lines = (line.rstrip() for text in texts for raw in _LINE_END.split(text) for line in plain(raw))
    return any(training_bar(line) or _FRAME.match(line) or marks(line) for line in lines)


def _age(console: Path) -> tuple[bool, int, str]:
    """Return what sorts consoles by age: the moved ones by their number, then the others by their last change."""
    moved = MOVED.fullmatch(console.name) if console.parent.name == "logs" else None
    if moved is not None:
        return False, int(moved["number"]), console.name
    status = status_of(console)
    return True, 0 if status is None else status.st_mtime_ns, console.name


READERS = (
    FileReader(
        Role.CONSOLE,
        "its console",
        re.compile(rf"logs/{MOVED.pattern}|[^/]+\.(?:log|out|txt)"),
        read_transcript,
        is_console,
        sniffed=True,
        order=lambda path: (_ENDINGS.index(path.suffix), path.name),
        arrange=lambda paths, _: sorted(paths, key=_age),
        folders=("", "logs"),
        join=join,
        config_of=config_of,
    ),
)

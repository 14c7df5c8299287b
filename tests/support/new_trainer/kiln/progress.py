"""How Kiln's log is read: the step, the loss and the learning rate of one expert, a line each."""

from __future__ import annotations

import re
from pathlib import Path

from diagnose.sources.file_reader import FileReader, Role
from diagnose.sources.log_readings import Abilities, LogReading
from diagnose.sources.log_rows import LogRow
from diagnose.sources.row_writer import rows_of

ABILITIES = Abilities(every_step=True, exact=True)


def read_progress(path: Path, *, run_dir: Path) -> LogReading:
    """Read a log."""
    rows = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        step, loss, rate = map(float, text.split())
        rows.append(LogRow(int(step), line, loss=loss, lr_shared=rate))
    file = path.relative_to(run_dir).as_posix()
    return LogReading(file, ABILITIES, rows_of(file, rows))


READERS = (
    FileReader(
        Role.LOG, "kiln.log", re.compile(r"kiln\.log"), read_progress, sign=("kiln", "only Kiln writes a kiln.log")
    ),
)

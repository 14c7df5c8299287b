"""The names the trainer gives its files, and the name under which a file is shown to the user."""

from __future__ import annotations

import re
from pathlib import Path

METRICS = re.compile(r"metrics_(?P<job>.+)\.jsonl")
ALPHA_STATE = re.compile(r".+?(?:_(?P<step>\d{9}))?_alpha_scheduler\.json")
SAMPLE = re.compile(r"(?P<epoch_ms>\d{1,16})__(?P<step>\d{9})_(?P<prompt>\d{1,6})\.[A-Za-z0-9]+")

MOVED_CONSOLE = re.compile(r"(?P<number>\d{1,9})_log\.txt")
"""In `logs/`: the web interface of both trainers moves `log.txt` there at the next start."""


def shown(path: Path, run_dir: Path) -> str:
    """Return the path relative to the run folder in POSIX form, or as it was given when it lies elsewhere."""
    for file, folder in ((path, run_dir), (path.absolute(), run_dir.absolute())):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return path.as_posix()

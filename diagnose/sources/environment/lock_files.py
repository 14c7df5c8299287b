"""Read which packages the files beside a run say were to be installed: requirements, lock files, environments.

Only exact versions count; a range tells nothing of what was there. Every such file is read as lines of text: they are
a stranger's, and none of their own readers is needed for a name and a version.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_regular
from diagnose.core.values import Place
from diagnose.sources.environment.component import LONGEST, Component, watched
from diagnose.sources.lines import head

MOST_FILES = 20
MOST_BYTES = 4 << 20
"""The longest lock file has a few hundred kB."""
_NAMES = (
    re.compile(r"(?:pip[-_]?)?(?:freeze|list|packages)\S{0,40}\.txt|\S{0,40}[-_](?:freeze|packages)\.txt"),
    re.compile(r"(?:uv|poetry|pdm)\.lock|pylock\.toml|conda[-_]?(?:list|lock)\S{0,40}"),
    re.compile(r"requirements\S{0,40}\.txt|constraints\S{0,40}\.txt"),
    re.compile(r"(?:environment|conda|env)\S{0,40}\.ya?ml"),
    re.compile(r"pyproject\.toml|Pipfile"),
)
"""The surest first: what was found installed, what was locked, what was asked for."""
_NAME, _VERSION = r"([A-Za-z][\w.-]{0,60})", rf"(\d[\w.+!-]{{0,{LONGEST}}})"
_PINS = (
    re.compile(rf"^\s*-?\s*[\"']?{_NAME}(?:\[[^\]]{{0,80}}\])?\s*===?\s*{_VERSION}"),  # torch==2.7.0
    re.compile(rf"^\s*-\s*{_NAME}={_VERSION}"),  # conda: - pytorch=2.5.1=py3.11_cuda12.4
    re.compile(rf"^{_NAME}\s{{2,}}{_VERSION}(?:\s|$)"),  # pip list, conda list
    re.compile(rf"^\s*[\"']?{_NAME}[\"']?\s*=\s*[\"']={{0,2}}{_VERSION}[\"']"),  # torch = "2.7.0"
)
_LOCKED = re.compile(rf'^name = "{_NAME}"$')
_LOCKED_VERSION = re.compile(rf'^version = "{_VERSION}"$')
_ANYWHERE = re.compile(rf"[\"']{_NAME}(?:\[[^\]]{{0,80}}\])?\s*==\s*{_VERSION}")
"""In a list of a project file: "torch==2.7.0"."""


def beside_a_run(run_dir: Path) -> tuple[tuple[Component, ...], tuple[Place, ...]]:
    """Return what the files in a run's folder, then those in the folder that holds it, say, and which were used."""
    found: list[Component] = []
    used: list[Place] = []
    home = run_dir.resolve()
    for folder, shown in ((home, ""), (home.parent, "../")):
        for path in _lock_files(folder):
            own = list(_read(path, f"{shown}{path.name}"))
            used += [Place(f"{shown}{path.name}")] if own else []
            found += own
    return tuple(found), tuple(used)


def _lock_files(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - only the names
        ranked = ((rank, name) for name in names for rank, kind in enumerate(_NAMES) if kind.fullmatch(name))
        likely = [folder / name for _, name in sorted(ranked)]
        return [path for path in likely if not path.is_symlink() and is_regular(path)][:MOST_FILES]
    except (OSError, DiagnoseError):  # what cannot be listed tells nothing
        return []


def _read(path: Path, shown: str) -> Iterator[Component]:
    try:
        text = head(path, MOST_BYTES).decode("utf-8", "replace")
    except DiagnoseError:
        return
    locked = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")[:400]
        if (name := _LOCKED.match(line)) is not None:
            locked = name[1]
            continue
        pair = None
        if locked is not None and (version := _LOCKED_VERSION.match(line)) is not None:
            pair, locked = (locked, version[1]), None
        elif not line.lstrip().startswith(("#", "//")):
            match = next(filter(None, (each.match(line) for each in _PINS)), None) or _ANYWHERE.search(line)
            pair = (match[1], match[2]) if match is not None else None
        name_ = watched(pair[0]) if pair is not None else None
        if pair is not None and name_ is not None:
            yield Component(name_, pair[1][:LONGEST], Place(shown, line=number), installed=False)

"""How one kind of file is recognised and read: the form in which a trainer's room declares its readers.

A module of a room that has `READERS` is found by being there (`diagnose.trainers.rooms`), so a new format of log is
one new file. Nothing here knows a trainer. Whatever looks into a file raises DiagnoseError where it cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_regular, status_of
from diagnose.sources.log_readings import ConsoleReading
from diagnose.sources.readings import ConfigReading

Found_co = TypeVar("Found_co", covariant=True)


class Role(Enum):
    """What a file is to a run."""

    CONFIG = "config"
    LOG = "log"
    CONSOLE = "console"
    CHECKPOINT = "checkpoint"
    ALPHA_STATE = "alpha state"
    PREVIEW = "preview"
    OPTIMIZER = "optimizer"


class FileReader(Struct, Generic[Found_co], frozen=True, eq=False):
    """One kind of file.

    Attributes:
        role: what it is to a run.
        label: such files in words, for messages: "metrics_*.jsonl".
        names: paths of such files below the run's folder, in POSIX form.
        read: reads the file at a path; names in what it returns are relative to the run's folder, `run_dir`. Raises
            DiagnoseError for a file that cannot be read or is not of this kind.
        sniff: tells by its content whether a file is one.
        sniffed: a name promises too little: a file in the run's folder must be sniffed as well.
        order: sorts the files that may be sniffed, the likeliest first, for not all are looked at.
        arrange: puts those found in the order in which to read them, given the run's name. Of configs and logs
            the first that can be read counts.
        folders: where in the run's folder they are; "" is the folder itself.
        sign: the one trainer that writes such files, and how to say so; None where several do.
        config_of: of consoles, returns the config that the last start printed, where it did.
        join: of consoles, makes one reading of a run's, given what its job may be called (`names`).
    """

    role: Role
    label: str
    names: re.Pattern[str]
    read: Callable[..., Found_co]
    sniff: Callable[[Path], bool] = lambda _: False
    sniffed: bool = False
    order: Callable[[Path], tuple[Any, ...]] = lambda path: (path.name,)
    arrange: Callable[[Sequence[Path], str], Sequence[Path]] = lambda paths, _: paths
    folders: tuple[str, ...] = ("",)
    sign: tuple[str, str] | None = None
    join: Callable[..., ConsoleReading] | None = None
    config_of: Callable[[ConsoleReading], ConfigReading | None] = lambda _: None


def of_role(readers: Iterable[FileReader[Any]], *roles: Role) -> list[FileReader[Any]]:
    """Return the readers of some roles, role by role."""
    own = list(readers)
    return [reader for role in roles for reader in own if reader.role is role]


def reader_of(path: Path, readers: Sequence[FileReader[Any]]) -> FileReader[Any] | None:
    """Return the reader that a file's content names, else the one that its name does; None if there is none."""
    by_name = (reader for reader in readers if not reader.sniffed and reader.names.fullmatch(path.name))
    return next((reader for reader in readers if reader.sniff(path)), None) or next(by_name, None)


def reader_for(path: Path, readers: Iterable[FileReader[Any]], role: Role) -> FileReader[Any]:
    """Return the reader of a role for a file that the user names: the likeliest, where none is certain."""
    own = of_role(readers, role)
    return own[0] if len(own) == 1 else reader_of(path, own) or own[0]


def log_reader_of(path: Path, readers: Iterable[FileReader[Any]]) -> FileReader[Any]:
    """Return the reader of a log or a console that the user names.

    Raises:
        DiagnoseError: it cannot be read, or is no log that a reader knows.
    """
    if status_of(path) is not None and not is_regular(path):
        raise DiagnoseError(f"{path}: no regular file, so it cannot be read twice over; save it to a file first")
    logs = of_role(readers, Role.LOG, Role.CONSOLE)
    found = reader_of(path, logs)
    if found is None:
        *most, last = [reader.label for reader in logs]
        raise DiagnoseError(f"{path}: is none of the trainer's logs; give {', '.join(most)} or {last}")
    return found

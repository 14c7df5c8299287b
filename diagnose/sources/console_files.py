"""Read the consoles that a user gives by themselves: files, or the text of standard input, with nothing around them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import status_of
from diagnose.core.temporary import temporary_folder
from diagnose.core.values import Place
from diagnose.sources.environment.component import first_of_each
from diagnose.sources.environment.printed import printed
from diagnose.sources.file_reader import FileReader, Role, of_role
from diagnose.sources.log_readings import ConsoleReading
from diagnose.sources.pasted import MOST, unpasted
from diagnose.sources.readings import PASTED, ConfigReading, RunReadings

ReadAny = Callable[..., ConsoleReading]
"""Reads the console of whatever program; raises DiagnoseError for a text that is none."""


class GivenConsole(Struct, frozen=True):
    """A console as it was given: a file, or its text."""

    path: Path = PASTED
    text: bytes | None = None


def read_consoles(given: Sequence[GivenConsole], readers: Sequence[FileReader[Any]], read_any: ReadAny) -> RunReadings:
    """Read consoles of one run, the earliest first, and nothing else.

    `read_any` reads what none of the readers knows. What copying did to a short text is undone, line for line.

    Raises:
        DiagnoseError: one of them cannot be read, or is no console.
    """
    shared = Path(os.path.commonpath([_plain(each.path).parent for each in given]))
    try:
        with temporary_folder() as copies:
            desk = [_cleaned(each, shared, copies) for each in given]
            console, config = _read(desk, of_role(readers, Role.CONSOLE), read_any)
            told = [each for path, home in desk for each in printed(path, path.relative_to(home).as_posix())]
    except OSError as error:
        fault = f"cannot be copied to read it ({error.strerror}); check disk and rights"
        raise DiagnoseError(f"{given[-1].path}: {fault}") from error
    job = next((each.job for each in reversed(console.sessions) if each.job is not None), None)
    places = tuple(Place(path.relative_to(home).as_posix()) for path, home in desk)
    return RunReadings(
        given[-1].path,
        job or given[-1].path.name,
        config,
        logs=(console.log,),
        console=console,
        places=places,
        environment=first_of_each(told),
        console_alone=True,
    )


def _cleaned(given: GivenConsole, shared: Path, folder: Path) -> tuple[Path, Path]:
    """Return the file to read and the folder that it is named from: the user's, or a copy as its program wrote it.

    Raises:
        DiagnoseError: it cannot be read, or is no file.
    """
    path, text = given.path, given.text
    if text is None:
        status = status_of(path)
        if status is None or not S_ISREG(status.st_mode):
            what = "no such file" if status is None else "a folder" if S_ISDIR(status.st_mode) else "no regular file"
            raise DiagnoseError(f"{path}: {what}; give the file that holds the console, or - for standard input")
        if status.st_size > MOST:
            return _plain(path), shared
        try:
            text = path.read_bytes()
        except OSError as error:
            raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check that it is yours to read") from error
    copy = folder / _plain(path).relative_to(shared)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(unpasted(text) if len(text) <= MOST else text)
    return copy, folder


def _plain(path: Path) -> Path:
    """Return the whole path without "..", which could lead a copy out of its folder."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay links, so that a file keeps its name


def _read(
    desk: Sequence[tuple[Path, Path]], readers: Sequence[FileReader[Any]], read_any: ReadAny
) -> tuple[ConsoleReading, ConfigReading | None]:
    """Read with the first reader that knows all of the texts, else with the one for any; with the config they show."""
    for reader in readers:
        if reader.join is not None and all(reader.sniff(path) for path, _ in desk):
            console = reader.join([reader.read(path, run_dir=home) for path, home in desk], names=())
            return console, reader.config_of(console)
    if len(desk) > 1:
        first = desk[0][0].name
        raise DiagnoseError(f"{first} and others: not all are consoles of one trainer that we know; give one of them")
    ((path, home),) = desk
    return read_any(path, run_dir=home), None

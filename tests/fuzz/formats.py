"""What a format of input is to the fuzzer: how to make one, and what to do with it; and the folders it makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import TypeAlias

from msgspec import Struct

DATA = Path(__file__).parents[1] / "runs" / "data"
"""Reduced real runs; what is damaged is made of them."""


class Link(Struct, frozen=True):
    """A symbolic link."""

    target: str


class Pipe(Struct, frozen=True):
    """A named pipe that nobody writes to."""


class Folder(Struct, frozen=True):
    """An empty folder."""


Entry: TypeAlias = bytes | Link | Pipe | Folder
Files: TypeAlias = Mapping[str, Entry]
"""The files of an input, by their path within its folder."""


class Format(Struct, frozen=True):
    """A format of input.

    Attributes:
        make: one input, drawn by chance.
        read: reads it as the program does, without judging; given the input's folder. DiagnoseError refuses it.
        command: the whole command on it, for JSON.
        facts: reads it and works out all facts; None where the whole command does nothing more.
        facts_every: of so many inputs one has its facts worked out.
        judged_every: of so many inputs one goes through the whole command.
    """

    make: Callable[[Random], Files]
    read: Callable[[Path], object]
    command: Callable[[Path], list[str]]
    facts: Callable[[Path], object] | None = None
    facts_every: int = 25
    judged_every: int = 500


def write(folder: Path, files: Files) -> None:
    """Write the files of an input into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, entry in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, entry)
        except (OSError, ValueError):  # two entries that exclude each other, or a name that no system takes
            continue


def _put(path: Path, entry: Entry) -> None:
    if isinstance(entry, bytes):
        path.write_bytes(entry)
    elif isinstance(entry, Link):
        path.symlink_to(entry.target)
    elif isinstance(entry, Pipe):
        os.mkfifo(path)
    else:
        path.mkdir()


def seeds(pattern: str, *, limit: int = 60_000) -> list[bytes]:
    """Return the contents of the real files of a name, none of them empty or larger than `limit`."""
    found = [path.read_bytes() for path in sorted(DATA.glob(f"*/{pattern}"))]
    return [content for content in found if 0 < len(content) <= limit]

"""Finding and reading the files of a rule base, and their digest.

A folder of extra rules is a stranger's data: everything is limited, and only regular files are opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder
from diagnose.rulebase.faults import Fault

if TYPE_CHECKING:
    from diagnose.rulebase.yaml_places import Document

MAX_BYTES = 256 * 1024
"""Largest file that is read; the longest rule has some 10 kB."""
MAX_FILES = 2000
MAX_TOTAL = 16 * 1024 * 1024
"""Most files and bytes of one folder; a larger one is not a rule base but a mistaken path."""


class SourceFile(Struct, frozen=True):
    """A file with its bytes, read once. `name` is its path relative to the folder, in POSIX form."""

    path: Path
    name: str
    data: bytes

    def text(self) -> str | Fault:
        """Return the text of the file, or where it is no UTF-8."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            return Fault(str(self.path), line, "not UTF-8 text; save the file as UTF-8")

    def document(self) -> Document:
        """Parse the file as YAML."""
        from diagnose.rulebase.yaml_places import Document, parse  # noqa: PLC0415 - a kept rule base needs no YAML

        text = self.text()
        return parse(str(self.path), text) if isinstance(text, str) else Document(str(self.path), None, {}, [text])


def read_folder(folder: Path, suffixes: frozenset[str] | None = None) -> tuple[list[SourceFile], list[Fault]]:
    """Read the files below a folder, sorted by name; hidden files and folders are none of ours.

    At any depth, but links to folders are not followed. `suffixes` are the endings of names to read; None for all.

    Raises:
        DiagnoseError: the folder is missing or unreadable, or holds more than MAX_FILES or MAX_TOTAL.
    """
    files: list[SourceFile] = []
    faults: list[Fault] = []
    total = 0
    for path in map(Path, _names(folder)):
        if suffixes is not None and path.suffix not in suffixes:
            continue
        data = _read(path)
        if isinstance(data, str):
            faults.append(Fault(str(path), 1, data))
            continue
        files.append(SourceFile(path, path.relative_to(folder).as_posix(), data))
        total += len(data)
        if total > MAX_TOTAL:
            raise DiagnoseError(f"{folder}: more than {MAX_TOTAL // 2**20} MB; give the folder of the rules alone")
    return sorted(files, key=lambda file: file.name), faults


def states(folder: Path) -> Iterator[str]:
    """Yield, for each file below a folder, what changes when it is written: its name, size and times.

    Raises:
        DiagnoseError: as for `read_folder`.
    """
    for path in sorted(_names(folder)):
        try:
            status = os.stat(path)  # noqa: PTH116 - every start asks for some 300 files, and paths take twice as long
        except OSError:  # a link that leads nowhere; to read it is a fault, and a faulty rule base is not kept
            continue
        yield f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}\0{status.st_ino}\0"


def digest(folders: Iterable[tuple[str, Iterable[SourceFile]]]) -> str:
    """Return the sha256 over the bytes and relative names of all files, in the order given."""
    from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and a kept rule base needs none

    total = sha256()
    for label, files in folders:
        for file in files:
            total.update(f"{label}/{file.name}\0{len(file.data)}\0".encode(errors="surrogateescape"))
            total.update(file.data)
    return total.hexdigest()


def _names(folder: Path) -> Iterator[str]:
    if not is_folder(folder):
        raise DiagnoseError(f"{folder}: no such folder; give the folder that holds the rule files")

    def unreadable(error: OSError) -> None:
        raise DiagnoseError(f"{error.filename}: cannot be read: {error.strerror}")

    count = 0
    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                count += 1
                if count > MAX_FILES:
                    raise DiagnoseError(f"{folder}: more than {MAX_FILES} files; give the folder of the rules alone")
                yield f"{root}{os.sep}{name}"


def _read(path: Path) -> bytes | str:
    """Return the bytes of a file, or what is wrong with it."""
    try:
        if not path.is_file():  # a pipe or a device would never end
            return "not a regular file"
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return data if len(data) <= MAX_BYTES else f"larger than {MAX_BYTES // 1024} kB"

"""Sort out what a run folder holds, by the names and, where a name promises too little, the heads of its files.

A link that leads out of the run folder is not followed. A folder in it that cannot be listed costs itself alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, shown, status_of
from diagnose.core.values import Place, Remark
from diagnose.sources.file_reader import FileReader, Role


class RunListing(Struct, frozen=True):
    """Regular files: the run folder's own by name, then those of each inner folder.

    `links` are those that lead out, `remarks` tell of them and of what could not be listed.
    """

    files: tuple[Path, ...]
    links: tuple[Path, ...]
    remarks: tuple[Remark, ...]


def list_run(run_dir: Path, inner: Sequence[str]) -> RunListing:
    """List a run folder, and the folders in it of these names.

    Raises:
        DiagnoseError: the folder itself cannot be listed.
    """
    files, links = _regular_files(run_dir, run_dir)
    remarks: list[Remark] = []
    for name in inner:
        if run_dir / name not in links:
            try:
                found, more = _regular_files(run_dir / name, run_dir)
                files += found
                links += more
            except DiagnoseError as error:
                remarks.append(Remark(Place(name), str(error)))
    if links:
        text = f"leads out of the run folder, so it was not followed (such links: {len(links)})"
        remarks.append(Remark(Place(shown(links[0], run_dir)), text))
    return RunListing(tuple(files), tuple(links), tuple(remarks))


def _regular_files(folder: Path, run_dir: Path) -> tuple[list[Path], list[Path]]:
    """Return the regular files of a folder by name, and the links in it that lead out of the run folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name) if is_folder(folder) else []
    except OSError as error:
        raise DiagnoseError(f"{folder}: cannot be listed ({error.strerror}); check that it is yours to read") from error
    home = run_dir.resolve()
    links = {entry.name for entry in entries if entry.is_symlink() and not _leads_into(entry, home)}
    files = [folder / entry.name for entry in entries if entry.name not in links and _is_regular(entry)]
    return files, [folder / name for name in sorted(links)]


def _leads_into(link: os.DirEntry[str], home: Path) -> bool:
    try:
        return Path(link.path).resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):  # a dead link, or a ring of links
        return False


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # what is in a folder that may not be searched will say so when it is read
        return True


MOST_CANDIDATES = 200
"""Files of one kind whose content is looked at; a folder of captions holds thousands of .txt files."""


class RunFolder(Struct, frozen=True):
    """What a run folder holds: the files of each reader by name, and remarks on what was not looked at."""

    path: Path
    files: Mapping[FileReader[Any], tuple[Path, ...]]
    remarks: tuple[Remark, ...]

    def of(self, role: Role) -> tuple[Path, ...]:
        """Return the files of a role, each once."""
        found = (path for reader, paths in self.files.items() if reader.role is role for path in paths)
        return tuple(dict.fromkeys(found))


def find_files(run_dir: Path, readers: Sequence[FileReader[Any]]) -> RunFolder:
    """List the files of a training run in a folder.

    Raises:
        DiagnoseError: no such folder, a file, a folder that cannot be listed, or nothing of a training run in it.
    """
    inner = sorted({folder for reader in readers for folder in reader.folders if folder}, reverse=True)
    listing = list_run(run_dir, inner) if is_folder(run_dir) else None
    if listing is None or not (listing.files or listing.remarks):
        fault = "the folder is empty" if listing is not None else "is not a folder"
        if status_of(run_dir) is None:
            fault = "no such folder"
        raise DiagnoseError(f"{run_dir}: {fault}; give the folder the trainer wrote the run into")
    remarks: list[Remark] = []
    files: dict[FileReader[Any], tuple[Path, ...]] = {}
    claimed: set[tuple[Role, Path]] = set()
    for reader in readers:
        own = [file for file in _files(reader, listing, run_dir, remarks) if (reader.role, file) not in claimed]
        claimed.update((reader.role, file) for file in own)
        files[reader] = tuple(own)
    if not any(files.values()) and listing.links:
        raise DiagnoseError(
            f"{run_dir}: nothing of a training run in here but links that lead out of it, like {listing.links[0].name},"
            " and those are not followed; copy what they lead to (cp -rL), or give the folder they lead to"
        )
    if not any(files.values()):
        raise DiagnoseError(
            f"{run_dir}: nothing of a training run in here, no config, log or checkpoint; give its folder"
        )
    return RunFolder(run_dir, files, (*remarks, *listing.remarks))


def _files(reader: FileReader[Any], listing: RunListing, run_dir: Path, remarks: list[Remark]) -> list[Path]:
    """Return the files that are of a reader's kind; what cannot be looked at is remarked."""
    named = [file for file in listing.files if reader.names.fullmatch(file.relative_to(run_dir).as_posix())]
    if not reader.sniffed:
        return named

    def accepted(file: Path) -> bool:
        try:
            return reader.sniff(file)
        except DiagnoseError as error:
            remarks.append(Remark(Place(shown(file, run_dir)), str(error)))
            return False

    likely = sorted(named, key=reader.order)
    looked_at, others = likely[:MOST_CANDIDATES], likely[MOST_CANDIDATES:]
    found = list(filter(accepted, looked_at))
    if others:
        text = f"this and {len(others) - 1} files after it were not looked at, for their number"
        remarks.append(Remark(Place(shown(others[0], run_dir)), text))
    return found

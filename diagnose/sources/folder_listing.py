"""List the regular files of a run folder, and of the folders in it that a trainer fills.

A link that leads out of the run folder is not followed. A folder in it that cannot be listed costs itself alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.core.paths import is_folder, shown


@dataclass(frozen=True, slots=True)
class RunListing:
    """Regular files: the run folder's own by name, then those of each inner folder.

    `links` are those that lead out, `remarks` tell of them and of what could not be listed.
    """

    files: tuple[Path, ...]
    links: tuple[Path, ...]
    remarks: tuple[Remark, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to speak of."""
        return not (self.files or self.remarks)


def list_run(run_dir: Path, inner: Sequence[str]) -> RunListing:
    """List a run folder, and the folders in it of these names.

    Raises:
        DiagnoseError: the folder itself cannot be listed.
    """
    files, links = _files(run_dir, run_dir)
    remarks: list[Remark] = []
    for name in inner:
        if run_dir / name not in links:
            try:
                found, more = _files(run_dir / name, run_dir)
                files += found
                links += more
            except DiagnoseError as error:
                remarks.append(Remark(Place(name), str(error)))
    if links:
        text = f"leads out of the run folder, so it was not followed (such links: {len(links)})"
        remarks.append(Remark(Place(shown(links[0], run_dir)), text))
    return RunListing(tuple(files), tuple(links), tuple(remarks))


def _files(folder: Path, run_dir: Path) -> tuple[list[Path], list[Path]]:
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
    except OSError:  # what lies in a folder that may not be searched will say so when it is read
        return True

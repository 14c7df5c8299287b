"""What a path leads to, and writing a file there whole or not at all, through links, with the rights it had.

A path that cannot even be looked at is one clear line, never a traceback: `Path.exists` and its like raise on a folder
that may not be searched and on a name that is too long, and say nothing of the reason where they do not. What is no
file is written into. And where the rules and the knowledge lie: inside the wheel, or beside the package in a checkout.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import ENXIO
from functools import cache
from pathlib import Path
from stat import S_IMODE, S_ISREG

from diagnose.core.errors import DiagnoseError
from diagnose.core.temporary import passing


def status_of(path: Path) -> os.stat_result | None:
    """Return the status of what a path leads to, None where there is nothing.

    Raises:
        DiagnoseError: it cannot be looked at, for want of rights or because no path can be like that.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DiagnoseError(f"{path}: cannot be looked at ({reason}); check the path and its permissions") from error


def is_folder(path: Path) -> bool:
    """Return whether a path leads to a folder; raises as `status_of`."""
    status = status_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_regular(path: Path) -> bool:
    """Return whether a path leads to a regular file: no folder, pipe or device; raises as `status_of`."""
    status = status_of(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def shown(path: Path, run_dir: Path) -> str:
    """Return the path relative to the run folder in POSIX form, or as it was given when it lies elsewhere."""
    for file, folder in ((path, run_dir), (path.absolute(), run_dir.absolute())):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return path.as_posix()


def write_whole(path: Path, text: str) -> None:
    """Write a file through a temporary one beside it, so that a reader sees the old or the new, never a part.

    A link is followed. A new file has the rights that the user's umask leaves, an old one keeps its own.

    Raises:
        DiagnoseError: the folder is missing or not writable, or nobody reads the pipe.
    """
    status, content = status_of(path), as_bytes(text)
    try:
        if status is not None and (not S_ISREG(status.st_mode) or is_stream(status)):
            _pour(path, content)
        else:
            replace_whole(real(path), content, status)
    except OSError as error:
        reason = "nobody reads this pipe yet" if error.errno == ENXIO else error.strerror
        raise DiagnoseError(f"{path}: cannot be written ({reason}); choose another file") from error


def _pour(path: Path, content: bytes) -> None:
    """Write into what is there. It is opened without waiting: a pipe may have no reader, and never get one."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "wb") as stream:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        stream.write(content)


def replace_whole(target: Path, content: bytes, status: os.stat_result | None = None, *, rights: int = 0o666) -> None:
    """Put a file in its place in one step. It gets owner and rights of `status`, else those that the umask leaves.

    Raises:
        OSError: it cannot be written.
    """
    temporary = target.parent / f".diagnose-{os.urandom(6).hex()}"
    with passing(temporary):
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), rights)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if status is not None:
            if hasattr(os, "chown"):
                with suppress(OSError):  # only root may give a file away
                    os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(S_IMODE(status.st_mode))
        temporary.replace(target)


def is_stream(status: os.stat_result) -> bool:
    """Return whether it is the file that standard output or standard error goes to, as -o /dev/stdout may be."""
    for number in (1, 2):
        with suppress(OSError):
            own = os.fstat(number)
            if S_ISREG(own.st_mode) and (own.st_dev, own.st_ino) == (status.st_dev, status.st_ino):
                return True
    return False


def real(path: Path) -> Path:
    """Return where a path leads, every link followed; a ring of links is taken for what it is."""
    return Path(os.path.realpath(path))


def as_bytes(text: str) -> bytes:
    """Return a text in UTF-8; what no UTF-8 can hold becomes a question mark."""
    return text.encode("utf-8", "replace")


PACKAGE = Path(__file__).resolve().parents[1]


@cache
def data_root() -> Path:
    """Return the folder that holds `rules/` and `knowledge/`.

    An installed wheel carries them in `diagnose/_data`; an editable checkout has them beside the package.

    Raises:
        DiagnoseError: neither place has them, so the installation is broken.
    """
    for root in (PACKAGE / "_data", PACKAGE.parent):
        if (root / "rules").is_dir() and (root / "knowledge").is_dir():
            return root
    raise DiagnoseError(
        f"{PACKAGE / '_data'}: no rules and no knowledge here nor in {PACKAGE.parent}; reinstall the package"
    )


def rules_dir() -> Path:
    """Return the folder of the rule files."""
    return data_root() / "rules"


def knowledge_dir() -> Path:
    """Return the folder of the knowledge: document, claims, facts, parameters, recipes, trainers."""
    return data_root() / "knowledge"

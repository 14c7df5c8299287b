"""Writing a result to a file: whole or not at all, never over an input, and over other files only when asked.

A file that we wrote, and that nobody has changed since, may be replaced: its last line tells. What is no regular file
(a pipe, a device, a terminal) is written to as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from errno import ENXIO
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISREG

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, status_of

_MARK = "written by diagnose; it may be replaced while its sha256 starts with {}"
_MARKED = re.compile(_MARK.format("([0-9a-f]{16})").encode())
_COMMENTS: Mapping[str, str] = {"yaml": "# {}", "markdown": "<!-- {} -->", "html": "<!-- {} -->", "terminal": "# {}"}
"""How a remark is written in each format that has remarks."""
_OWN_HEADS = (b'"schema": "diagnose/', b'"driver": {\n          "name": "diagnose"')
"""What the head of a format without remarks says where we wrote it."""
_HEAD, _MOST = 1024, 64 * 2**20


def check_output(path: Path, *, inputs: Iterable[Path | None], force: bool) -> None:
    """Refuse a file that must not be written to: before the minutes of work, not after them.

    Args:
        path: where the result is to go.
        inputs: files that are read, and folders in which nothing is ever written.
        force: whether the user allows to replace a file that is there.

    Raises:
        DiagnoseError: it is an input or lies in one, is a folder, or is there already and not ours.
    """
    for each in filter(None, inputs):
        if _same(path, each):
            raise DiagnoseError(f"{path}: is an input of this command and is never written to; choose another -o")
        if is_folder(each) and _real(path).is_relative_to(_real(each)):
            raise DiagnoseError(f"{path}: lies in {each}, which is never written to; choose another -o")
    status = status_of(path)
    if status is None:
        return
    if S_ISDIR(status.st_mode):
        raise DiagnoseError(f"{path}: is a folder; name a file in it, like -o {path / 'report.html'}")
    if S_ISREG(status.st_mode) and not (force or _is_stream(status) or status.st_size == 0 or _is_ours(path, status)):
        raise DiagnoseError(
            f"{path}: is there already, and not as we wrote it; add --force to replace it, or choose another -o"
        )


def write_marked(path: Path, text: str, form: str) -> None:
    """Write a file with a last line by which we know it as ours, in formats that have remarks.

    Raises:
        DiagnoseError: it cannot be written.
    """
    body = text if text.endswith("\n") else f"{text}\n"
    status, comment = status_of(path), _COMMENTS.get(form)
    if comment is not None and (status is None or S_ISREG(status.st_mode)) and not (status and _is_stream(status)):
        body += comment.format(_MARK.format(_digest(_bytes(body)))) + "\n"
    write_whole(path, body)


def write_whole(path: Path, text: str) -> None:
    """Write a file through a temporary one beside it, so that a reader sees the old or the new, never a part.

    A link is followed. A new file has the rights that the user's umask leaves, an old one keeps its own.

    Raises:
        DiagnoseError: the folder is missing or not writable, or nobody reads the pipe.
    """
    status = status_of(path)
    try:
        if status is not None and (not S_ISREG(status.st_mode) or _is_stream(status)):
            _pour(path, _bytes(text))
        else:
            _replace(_real(path), _bytes(text), status)
    except OSError as error:
        reason = "nobody reads this pipe yet" if error.errno == ENXIO else error.strerror
        raise DiagnoseError(f"{path}: cannot be written ({reason}); choose another -o") from error


def _pour(path: Path, content: bytes) -> None:
    """Write into what is there. It is opened without waiting: a pipe may have no reader, and never get one."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "wb") as stream:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        stream.write(content)


def _replace(target: Path, content: bytes, status: os.stat_result | None) -> None:
    temporary = target.parent / f".diagnose-{os.urandom(6).hex()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if status is not None:
            if hasattr(os, "chown"):
                with suppress(OSError):  # only root may give a file away
                    os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(S_IMODE(status.st_mode))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _is_ours(path: Path, status: os.stat_result) -> bool:
    """Return whether we wrote the file and nobody has changed it since."""
    if status.st_size > _MOST:
        return False
    try:
        content = path.read_bytes()
    except OSError:
        return False
    if any(each in content[:_HEAD] for each in _OWN_HEADS):
        return True
    body, _, last = content.rstrip(b"\n").rpartition(b"\n")
    marked = _MARKED.search(last)
    return marked is not None and marked[1].decode() == _digest(body + b"\n")


def _is_stream(status: os.stat_result) -> bool:
    """Return whether it is the file that standard output or standard error goes to, as -o /dev/stdout may be."""
    for number in (1, 2):
        with suppress(OSError):
            own = os.fstat(number)
            if S_ISREG(own.st_mode) and (own.st_dev, own.st_ino) == (status.st_dev, status.st_ino):
                return True
    return False


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, by whatever link."""
    if _real(one) == _real(other):
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, it takes a ring of links for what it is


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]

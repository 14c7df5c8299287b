"""Writing a result to a file: whole or not at all, never over an input, and over other files only when asked.

A file that we wrote, and that nobody has changed since, may be replaced: its last line tells. What is no regular file
(a pipe, a device, a terminal) is written to as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import as_bytes, is_folder, is_stream, real, status_of, write_whole

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
            raise DiagnoseError(f"{path}: is an input of this command and is never written to; choose another file")
        if is_folder(each) and real(path).is_relative_to(real(each)):
            raise DiagnoseError(f"{path}: lies in {each}, which is never written to; choose another file")
    status = status_of(path)
    if status is None:
        return
    if S_ISDIR(status.st_mode):
        raise DiagnoseError(f"{path}: is a folder; name a file in it, like {path / 'report.html'}")
    if S_ISREG(status.st_mode) and not (force or is_stream(status) or status.st_size == 0 or _is_ours(path, status)):
        raise DiagnoseError(
            f"{path}: is there already, and not as we wrote it; add --force to replace it, or choose another file"
        )


def write_marked(path: Path, text: str, form: str) -> None:
    """Write a file with a last line by which we know it as ours, in formats that have remarks.

    Raises:
        DiagnoseError: it cannot be written.
    """
    body = text if text.endswith("\n") else f"{text}\n"
    status, comment = status_of(path), _COMMENTS.get(form)
    if comment is not None and (status is None or S_ISREG(status.st_mode)) and not (status and is_stream(status)):
        body += comment.format(_MARK.format(_digest(as_bytes(body)))) + "\n"
    write_whole(path, body)


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


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, by whatever link."""
    if real(one) == real(other):
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _digest(content: bytes) -> str:
    from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and most reports go to the screen

    return sha256(content).hexdigest()[:16]

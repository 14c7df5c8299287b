"""Stream a text file of any size as numbered pieces, in bounded memory.

A piece ends at a line feed or a carriage return (a progress bar redraws itself with the latter); the number counts
line feeds alone, as an editor does. Nothing is interpreted here. Whatever reads raises DiagnoseError for a file that
cannot be read.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from diagnose.core.errors import DiagnoseError

CHUNK = 1 << 20
LONGEST = 1 << 16
"""Bytes kept of one piece. The longest line either trainer writes is a few kB (a nested setting printed whole)."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Piece(NamedTuple):
    """A stretch of text between two line ends.

    `number` is the 1-based line. `cut` says that the piece was longer than `LONGEST`, `ended` that a line end
    follows, which only the last piece of a file can lack.
    """

    number: int
    text: bytes
    cut: bool
    ended: bool


def pieces(path: Path) -> Iterator[Piece]:
    """Yield the pieces of a file that are not empty, as UTF-8."""
    number = 1
    rest = b""
    for chunk in _chunks(path, CHUNK):
        *lines, tail = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                for text in line.split(b"\r"):
                    if text:
                        yield _piece(number, text)
            number += 1
        *parts, rest = tail.split(b"\r")
        for text in parts:
            if text:
                yield _piece(number, text)
        rest = rest[: LONGEST + 1]  # one byte more than a piece may have shows that it was cut
    if rest:
        yield _piece(number, rest, ended=False)


def head(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a file or less, as UTF-8."""
    return next(_chunks(path, size), b"")


def tail(path: Path, size: int) -> bytes:
    """Return the last `size` bytes of a file that is larger than that, as UTF-8; nothing of a smaller one."""
    try:
        with path.open("rb") as stream:
            mark = stream.read(2)
            end = stream.seek(0, os.SEEK_END)
            if end <= size:
                return b""
            stream.seek((end - size) // 2 * 2)  # where a character of UTF-16 may begin
            text = stream.read(size + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    return codecs.decode(mark + text, "utf-16", "replace").encode("utf-8", "replace") if mark in _UTF16 else text


def both_ends(path: Path, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield the numbered lines within `size` bytes of either end of a file, as UTF-8; a long line in its pieces."""
    seen = 0
    for number, line in enumerate(head(path, size).split(b"\n"), 1):
        seen = number
        for text in line.split(b"\r"):
            yield number, text
    last = tail(path, size)
    if not last:
        return
    number = 1 + sum(chunk.count(b"\n") for chunk in _chunks(path, CHUNK)) - last.count(b"\n")
    for line in last.split(b"\n"):
        if number > seen:
            for text in line.split(b"\r"):
                yield number, text
        number += 1


def _piece(number: int, text: bytes, *, ended: bool = True) -> Piece:
    return Piece(number, text[:LONGEST], len(text) > LONGEST, ended)


def _chunks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the file's bytes as UTF-8 without a byte order mark; a Windows shell redirects into UTF-16."""
    try:
        with path.open("rb") as stream:
            chunk = stream.read(size)
            if not chunk.startswith(_UTF16):
                yield chunk.removeprefix(codecs.BOM_UTF8)
                while chunk := stream.read(size):
                    yield chunk
                return
            decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
            while chunk:
                yield decoder.decode(chunk).encode("utf-8", "replace")
                chunk = stream.read(size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DiagnoseError:
    return DiagnoseError(f"{path}: cannot be read ({error.strerror}); check that it is there and yours to read")

"""The standard streams as we find them: closed, full, so wide, or in an encoding that lacks some of our characters."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from errno import EBADF, EDQUOT, EFBIG, EIO, ENOSPC
from typing import TextIO

_LAST_STREAM = 2
_FULL = {EBADF, EDQUOT, EFBIG, EIO, ENOSPC}
COLUMNS = 80
"""Of a terminal whose width is unknown."""
NEAREST = "diagnose-nearest"
"""The name of our handler for characters that an encoding lacks."""
_STAND_INS = str.maketrans(
    {
        "\N{RIGHTWARDS ARROW}": "->",
        "\N{MIDDLE DOT}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{PLUS-MINUS SIGN}": "+/-",
        "\N{LESS-THAN OR EQUAL TO}": "<=",
        "\N{GREATER-THAN OR EQUAL TO}": ">=",
        **dict(zip("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", "_.-=+*#@", strict=True)),
    }
)
"""Plain characters for those we print most, the bars of a small curve among them."""


def prepare() -> None:
    """Make the streams safe to write to. Called once, before anything is printed."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
        pass  # it took the place of a closed one: else the next file we open would, and what a library prints with it
    os.close(handle)
    if sys.stdin is None:
        sys.stdin = io.StringIO()
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    codecs.register_error(NEAREST, _nearest)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=NEAREST)


class _Closed(io.TextIOBase):
    """What was standard output: the first write fails, as it does on a stream that is full."""

    asked = False

    def write(self, text: str, /) -> int:
        self.asked = bool(text)
        raise OSError(EBADF, "it is closed")

    def flush(self) -> None:
        if self.asked:
            raise OSError(EBADF, "it is closed")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(_STAND_INS)
    return missing.encode("ascii", "replace").decode(), error.end


def put_utf8(text: str) -> None:
    """Write to standard output in UTF-8, whatever its encoding: for formats that a program reads next."""
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper) or codecs.lookup(stream.encoding).name == "utf-8":
        stream.write(text)
        return
    stream.flush()
    stream.buffer.write(text.encode("utf-8", "replace"))


def output_fault(error: Exception | None = None) -> str | None:
    """Return why standard output takes no more, None if it does; then what is left to print is dropped.

    `error` may be what it said. It names no file, as what other files say does.
    """
    try:
        if isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
            raise error
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)  # the reader left, as `head` does: there is nobody to tell
    except OSError as found:
        drop(sys.stdout)
        return found.strerror or str(found)
    return None


def put_error(text: str) -> None:
    """Write a line to standard error; where nobody can read it, there is nobody to tell that."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        drop(sys.stderr)


def drop(stream: TextIO) -> None:
    """Let a stream lead nowhere, or Python tries again on its way out and ends with a status of its own."""
    if isinstance(stream, _Closed):
        stream.asked = False
        return
    with suppress(OSError):  # a stream in memory
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def columns_of_terminal(otherwise: int = COLUMNS) -> int:
    """Return the columns that COLUMNS names, else those of the terminal, else `otherwise`.

    The standard library's answer imports every archive format first, which takes 5 ms.
    """
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or otherwise  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # closed, or no terminal
        return otherwise

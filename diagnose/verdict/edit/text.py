"""The text side of an edit: splices by offset, the lines around an offset, and how a key or a value is written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

import yaml

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.sources.config.scalars import read_scalar, spell

_LINE_END = re.compile(r"\r\n?|\n")
_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)?")
_COMMENT = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?")
_TO_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*(?=[\r\n]|\Z))*,")
_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_/][A-Za-z0-9_./+-]*)*")
"""Text that needs no quotes in any context, unless it reads as a number, a truth value or a date."""


class Splice(NamedTuple):
    """Replace the characters from `start` up to `end`; the two are equal for an insertion."""

    start: int
    end: int
    text: str


def splice(text: str, changes: Iterable[Splice]) -> str:
    """Return the text with the changes made. They must not overlap; insertions at one offset keep their order."""
    pieces: list[str] = []
    position = 0
    for change in sorted(changes, key=lambda change: change.start):
        pieces += [text[position : change.start], change.text]
        position = change.end
    return "".join([*pieces, text[position:]])


def line_start(text: str, offset: int) -> int:
    """Return the offset of the first character of the line that holds `offset`."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Return the offset behind the line end that follows content ending at `offset`."""
    if offset and text[offset - 1] in "\r\n":
        return offset  # a block scalar with `+` ends with its line end
    found = _REST_OF_LINE.match(text, offset)
    return found.end() if found else offset


def indent(text: str, offset: int) -> str | None:
    """Return the white space before `offset` on its line, or None if something else stands there."""
    before = text[line_start(text, offset) : offset]
    return before if not before.strip(" \t") else None


def column(text: str, offset: int) -> int:
    """Return the number of characters before `offset` on its line."""
    return offset - line_start(text, offset)


def behind_comment(text: str, offset: int) -> int | None:
    """Return the end of the line without its line end, if only white space or a comment follows `offset`."""
    found = _COMMENT.match(text, offset)
    end = found.end() if found else offset
    return end if end == len(text) or text[end] in "\r\n" else None


def comma(text: str, offset: int) -> int | None:
    """Return the offset of the comma that follows, past white space and comments, or None."""
    found = _TO_COMMA.match(text, offset)
    return None if found is None else found.end() - 1


def line_ending(text: str) -> str:
    """Return the line end the text uses first, or a line feed."""
    found = _LINE_END.search(text)
    return found[0] if found else "\n"


class Notation(Enum):
    """Where a value is written."""

    BLOCK = "block"
    FLOW = "flow"
    JSON = "json"


def write_scalar(value: Scalar | None, notation: Notation, like: str = "") -> str:
    """Return a value as config text.

    Args:
        value: what the trainer is to read.
        notation: what it is written into.
        like: the quote of the text it replaces, or of the keys beside it; kept where it can be.

    Raises:
        DiagnoseError: a number that is not finite, or text with half a character.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _write_text(value, notation, like)
    if not math.isfinite(value):
        raise DiagnoseError(f"{value} cannot be written into a config; give a finite number")
    return spell(value)


def _write_text(text: str, notation: Notation, like: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DiagnoseError(f"{text!r} cannot be written into a config; give UTF-8 text") from error
    if notation is Notation.JSON:
        return json.dumps(text, ensure_ascii=False)
    if like == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if like != '"' and _PLAIN.fullmatch(text) and read_scalar(text, None, plain=True) == (text, ""):
        return text
    quoted = yaml.dump(text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=math.inf)
    return str(quoted).rstrip("\n")

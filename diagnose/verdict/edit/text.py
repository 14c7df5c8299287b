"""Small changes to a text by offset, and the lines around an offset. Knows nothing of YAML or JSON values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|\n")
_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)?")
_COMMENT = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?")
_TO_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*(?=[\r\n]|\Z))*,")


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

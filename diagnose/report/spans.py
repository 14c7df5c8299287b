"""Text in pieces that know what they are: plain words, code, a place in a file, each perhaps strong or coloured.

Every text of a report passes through here on its way to a view, so this is where strangers' text (paths, config values,
error lines, names of runs) is made one line without characters that hide, reorder or steer. A view escapes the pieces
for its own format and for nothing else. What is cut or replaced here is still whole in the JSON report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

LONGEST = 600
"""Characters of one text that a view shows."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = f"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff{_BIDI}]"
_BETWEEN_BACKTICKS = r"(?<!`)`(?![`\s])([^`\\]+)(?<!\s)`(?!`)"


class Kind(Enum):
    """What a piece of text is."""

    PLAIN = "words"
    CODE = "code"
    PLACE = "a place in a file"
    COMMAND = "a command to type; a terminal gives it a line of its own that is never wrapped"


class Weight(Enum):
    """How much a piece of text stands out."""

    NORMAL = "normal"
    STRONG = "strong"
    EMPHASIS = "emphasis"


class Tone(Enum):
    """What a piece of text says by its colour, for views that have colours; the words say it as well."""

    NONE = "none"
    GOOD = "good"
    MILD = "mildly bad"
    WARNING = "rather bad"
    BAD = "bad"
    QUIET = "beside the point"


class Span(Struct, frozen=True):
    """A piece of a line. Its text is one line of printable characters."""

    text: str
    kind: Kind = Kind.PLAIN
    weight: Weight = Weight.NORMAL
    tone: Tone = Tone.NONE


Line: TypeAlias = "tuple[Span, ...]"
"""A sentence, a cell or a heading; () says nothing."""
Piece: TypeAlias = "str | Line"
"""Part of a line. In a text, what stands `between backticks` is code."""


def plain(text: str) -> str:
    """Fold `text` into one line without characters that hide, reorder or steer; at most LONGEST characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def printable(text: str) -> str:
    """Return `text` with a replacement character for each that would act; a line break is one of them."""
    return re.sub(_UNPRINTABLE, _REPLACEMENT, text)


def line(*pieces: Piece) -> Line:
    """Join pieces into a line."""
    found: list[Span] = []
    for piece in pieces:
        if isinstance(piece, str):
            found += _parsed(printable(piece))
        else:
            found += piece
    return tuple(found)


def prose(text: str) -> Line:
    """Return a text as a line of plain words, folded as by `plain`."""
    return _parsed(plain(text))


def sentence(text: str) -> Line:
    """Return `text` as prose that ends like a sentence; "" stays empty."""
    words = plain(text)
    return _parsed(words if not words or words.endswith((".", "!", "?")) else f"{words}.")


def capital(text: str) -> Line:
    """Return `text` as a sentence that starts like one."""
    return sentence(f"{text[:1].upper()}{text[1:]}")


def code(text: str) -> Line:
    """Return `text` as code; an empty one as two quotes."""
    return (Span(plain(text) or '""', Kind.CODE),)


def place(text: str) -> Line:
    """Return a file, or file and line, as a place."""
    return (Span(plain(text) or '""', Kind.PLACE),)


def shell(text: str) -> Line:
    """Return a command to paste: never cut, so that it runs."""
    return (Span(printable(text), Kind.COMMAND),)


def strong(*pieces: Piece) -> Line:
    """Return a line that stands out."""
    return tuple(replace(span, weight=Weight.STRONG) for span in line(*pieces))


def emphasis(*pieces: Piece) -> Line:
    """Return a line that stands out a little."""
    return tuple(replace(span, weight=Weight.EMPHASIS) for span in line(*pieces))


def toned(tone: Tone, *pieces: Piece) -> Line:
    """Return a line in a tone."""
    return tuple(replace(span, tone=tone) for span in line(*pieces))


def join(separator: str, pieces: Iterable[Piece]) -> Line:
    """Join pieces with a separator between them; empty ones are left out."""
    found: list[Span] = []
    for piece in pieces:
        if found and piece:
            found += line(separator)
        found += line(piece)
    return tuple(found)


def text_of(words: Line) -> str:
    """Return the words of a line without its marks."""
    return "".join(span.text for span in words)


def _parsed(text: str) -> Line:
    if "`" not in text:
        return (Span(text),) if text else ()
    pieces = re.split(_BETWEEN_BACKTICKS, text)
    kinds = (Kind.PLAIN, Kind.CODE)
    return tuple(Span(piece, kinds[index % 2]) for index, piece in enumerate(pieces) if piece)

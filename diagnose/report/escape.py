"""Strangers' text, made safe to print: paths, config values, error lines, names of runs.

Everything a view takes from a report passes through here. Text keeps its meaning for the reader and loses
its meaning for the renderer: it can neither start a heading, a link or HTML, nor leave its table cell, nor
steer a terminal. What is cut or replaced here is still whole in the JSON report.
"""

from __future__ import annotations

import re

LONGEST = 600
"""Characters of one text that a page shows."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff{_BIDI}]")

_SPECIAL = re.compile(
    r"[\\`*\[\]~$]"  # escapes, code, emphasis, links, strikethrough, GitHub's mathematics
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis; between letters an underscore is only an underscore
    r"|<(?=[A-Za-z/!?])|&(?=[A-Za-z#])"  # tags and entities
    r"|(?<=:)/(?=/)|(?<=[wW]{3})\."  # addresses that GitHub would turn into links
)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
_CHARACTERS = {entity: character for character, entity in _ENTITIES.items()}
_MARKED = re.compile(
    r"(?P<fence>`+)(?P<code>.+?)(?<!`)(?P=fence)(?!`)|\\(?P<escaped>.)|(?P<entity>&lt;|&amp;)|(?P<mark>\*+)|(?P<plain>.)"
)
_BLOCK_START = re.compile(
    r"^(?=[+-](?:\s|$)|#{1,6}(?:\s|$)|>|[=-][=\s-]*$)"  # list, heading, quotation, rule or underline
    r"|^(?P<number>\d{1,9})(?=[.)](?:\s|$))"  # numbered list
)
_SPAN = re.compile(r"(?<!`)`(?![`\s])([^`\\]+)(?<!\s)`(?!`)")
_TICKS = re.compile(r"`+")


def plain(text: str) -> str:
    """Fold `text` into one line without characters that hide, reorder or steer; at most LONGEST characters."""
    line = _UNPRINTABLE.sub(_REPLACEMENT, " ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def prose(text: str) -> str:
    """Return `text` as markdown that reads as the same plain words; what stands `between backticks` is code."""
    pieces = _SPAN.split(plain(text))
    words = (code(piece) if index % 2 else _escaped(piece) for index, piece in enumerate(pieces))
    return _BLOCK_START.sub(r"\g<number>\\", "".join(words))


def spoken(markdown: str) -> str:
    """Return the words of one line made of `prose`, `code` and emphasis, without their marks: for a terminal."""
    return "".join(_word(match) for match in _MARKED.finditer(markdown))


def _word(match: re.Match[str]) -> str:
    if match["code"] is not None:
        text = match["code"]
        return text[1:-1] if text.startswith(" ") and text.endswith(" ") and text.strip() else text
    if match["escaped"] is not None:
        return match["escaped"]
    if match["entity"] is not None:
        return _CHARACTERS[match["entity"]]
    return "" if match["mark"] else match["plain"]


def code(text: str) -> str:
    """Return `text` as a markdown code span; as prose where no span can hold it in a table as well."""
    shown = plain(text) or '""'
    if "\\|" in shown:  # one renderer reads the backslash as escaped, the other as escaping
        return _escaped(shown)
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def fenced(text: str, language: str) -> str:
    """Return the lines of `text` as a fenced code block that its content cannot close."""
    lines = [_UNPRINTABLE.sub(_REPLACEMENT, line.rstrip("\r")) for line in text.rstrip("\n").split("\n")]
    fence = "`" * max(3, _longest_run(text) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)

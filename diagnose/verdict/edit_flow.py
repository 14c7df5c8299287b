"""Edits within mappings in braces: JSON, and YAML's flow style. Commas are what makes them different."""

from __future__ import annotations

import re

from diagnose.errors import DiagnoseError
from diagnose.model import Scalar
from diagnose.sources.config_tree import Entry, Node
from diagnose.verdict.edit_text import (
    Splice,
    behind_comment,
    comma,
    indent,
    line_end,
    line_ending,
    line_start,
)
from diagnose.verdict.edit_write import Notation, write_scalar

_TIGHT = re.compile(r'"[ \t]*:(?=[^\s])')


def insert(
    text: str, mapping: Node, keys: tuple[str, ...], value: Scalar | None, notation: Notation
) -> list[Splice]:
    """Add a key behind the last entry of a mapping in braces, its missing parents around it."""
    if text[mapping.start] != "{":
        raise DiagnoseError(f"{keys[0]}: would go into a mapping without braces in a list; edit it by hand")
    if not mapping.entries:
        return [Splice(mapping.start + 1, mapping.start + 1, write_chain(keys, value, notation))]
    last = mapping.entries[-1]
    key = _key(last)
    end, trailing = last.value.end, comma(text, last.value.end)
    margin = indent(text, key.start)
    tight = notation is Notation.JSON and _TIGHT.match(text, key.end - 1) is not None
    if margin is None:
        new = write_chain(keys, value, notation, key.style, tight=tight)
        space = "" if tight else " "
        return [_behind(end, trailing, space + new)]
    return _insert_line(text, mapping, last, _pretty(text, mapping, margin, keys, value, notation), margin)


def write_chain(
    keys: tuple[str, ...], value: Scalar | None, notation: Notation, like: str = "", *, tight: bool = False
) -> str:
    """Return `key: value`, or `key: {inner: value}` for several keys, on one line."""
    colon = ":" if tight else ": "
    written = write_scalar(value, notation)
    for position, key in reversed(list(enumerate(keys))):
        written = f"{write_scalar(key, notation, like)}{colon}{written}"
        written = f"{{{written}}}" if position else written
    return written


def remove(text: str, mapping: Node, entry: Entry) -> list[Splice]:
    """Remove an entry, one comma, and the comment on its line if the line is its own."""
    start, end = _key(entry).start, entry.value.end
    if text[mapping.start] != "{":
        raise DiagnoseError(f"{entry.name}: stands in a mapping without braces in a list; edit it by hand")
    inner = Splice(mapping.start + 1, mapping.end - 1, "")
    if len(mapping.entries) == 1 and "#" not in text[inner.start : start] + text[end : inner.end]:
        return [inner]
    position = mapping.entries.index(entry)
    following = comma(text, end)
    stop = end if following is None else following + 1
    behind = behind_comment(text, stop)
    if indent(text, start) is not None and behind is not None:
        changes = [Splice(line_start(text, start), line_end(text, behind), "")]
    elif following is not None:
        changes = [Splice(start, stop + len(text[stop:]) - len(text[stop:].lstrip(" \t")), "")]
    else:
        changes = [Splice(start, end, "")]
    if following is None and position:
        changes += _without_comma_before(text, mapping.entries[position - 1], start)
    return changes


def _without_comma_before(text: str, previous: Entry, start: int) -> list[Splice]:
    """Drop the comma behind what is now the last entry, and white space up to the entry that went."""
    at = comma(text, previous.value.end)
    if at is None:
        return []
    between = text[at + 1 : start]
    same_line = not between.strip() and not set("\r\n") & set(between)
    return [Splice(at, start if same_line else at + 1, "")]


def _behind(end: int, trailing: int | None, new: str) -> Splice:
    """Insert an entry behind the last one; where that has a comma, the new one has one too."""
    return Splice(end, end, f",{new}") if trailing is None else Splice(trailing + 1, trailing + 1, f"{new},")


def _insert_line(text: str, mapping: Node, last: Entry, new: str, margin: str) -> list[Splice]:
    """Insert an entry on its own line, behind the comment of the last one."""
    end, trailing = last.value.end, comma(text, last.value.end)
    line = line_ending(text[mapping.start : mapping.end]) + margin + new
    at = behind_comment(text, end if trailing is None else trailing + 1)
    if at is None:
        return [_behind(end, trailing, line)]
    if trailing is None:
        return [Splice(end, end, ","), Splice(at, at, line)]
    return [Splice(at, at, f"{line},")]


def _pretty(
    text: str, mapping: Node, margin: str, keys: tuple[str, ...], value: Scalar | None, notation: Notation
) -> str:
    """Return a new entry; in JSON, missing parents are spread over lines like the rest."""
    like = _key(mapping.entries[-1]).style
    if notation is not Notation.JSON or len(keys) == 1:
        return write_chain(keys, value, notation, like)
    start = line_start(text, mapping.start)
    outer = text[start : mapping.start]
    base = outer[: len(outer) - len(outer.lstrip())]
    step = margin[len(base) :] if margin.startswith(base) else margin
    end = line_ending(text[mapping.start : mapping.end])
    *parents, last = [write_scalar(key, notation) for key in keys]
    heads = [f"{parent}: {{{end}{margin}{step * depth}" for depth, parent in enumerate(parents, 1)]
    tails = [f"{end}{margin}{step * depth}}}" for depth in reversed(range(len(parents)))]
    return "".join([*heads, f"{last}: {write_scalar(value, notation)}", *tails])


def _key(entry: Entry) -> Node:
    if entry.key is None:
        raise AssertionError("a mapping's entry has a key")
    return entry.key

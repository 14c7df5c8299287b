"""Edits within mappings in braces: JSON, and YAML's flow style. Commas are what makes them different."""

from __future__ import annotations

import re

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.sources.config.tree import Entry, Node
from diagnose.verdict.edit.text import (
    Notation,
    Splice,
    behind_comment,
    comma,
    indent,
    line_end,
    line_ending,
    line_start,
    write_scalar,
)

_TIGHT = re.compile(r'"[ \t]*:(?=\S)')


class Addition(Struct, frozen=True):
    """A new entry: a value under its key, within further new mappings if there are several keys."""

    keys: tuple[str, ...]
    value: Scalar | None
    notation: Notation

    def on_one_line(self, like: str = "", colon: str = ": ") -> str:
        """Return `key: value` or `key: {inner: value}`; `like` is the quote of the keys beside it."""
        *outer, last = (write_scalar(key, self.notation, like) for key in self.keys)
        heads = "".join(f"{key}{colon}{{" for key in outer)
        return f"{heads}{last}{colon}{write_scalar(self.value, self.notation)}{'}' * len(outer)}"

    def on_lines(self, margin: str, step: str, line_end: str) -> str:
        """Return the entry with every inner mapping on lines of its own."""
        *outer, last = (write_scalar(key, self.notation) for key in self.keys)
        heads = [f"{key}: {{{line_end}{margin}{step * depth}" for depth, key in enumerate(outer, 1)]
        tails = [f"{line_end}{margin}{step * depth}}}" for depth in reversed(range(len(outer)))]
        return "".join([*heads, f"{last}: {write_scalar(self.value, self.notation)}", *tails])


def insert(text: str, mapping: Node, new: Addition) -> list[Splice]:
    """Add an entry behind the last one of a mapping in braces.

    Raises:
        DiagnoseError: the mapping has no braces, as `a: 1` in `[a: 1]`.
    """
    _check_braces(text, mapping, new.keys[0])
    if not mapping.entries:
        return [Splice(mapping.start + 1, mapping.start + 1, new.on_one_line())]
    last = mapping.entries[-1]
    end, trailing = last.value.end, comma(text, last.value.end)
    margin = indent(text, last.head.start)
    if margin is None:
        tight = new.notation is Notation.JSON and _TIGHT.match(text, last.head.end - 1)
        written = new.on_one_line(last.head.style, ":" if tight else ": ")
        return [_behind(end, trailing, written if tight else f" {written}")]
    ending = line_ending(text[mapping.start : mapping.end])
    written = new.on_one_line(last.head.style)
    if new.notation is Notation.JSON:  # it has a line for each entry, and spreads what is inside likewise
        opening = text[line_start(text, mapping.start) : mapping.start]
        step = margin.removeprefix(opening[: len(opening) - len(opening.lstrip())])
        written = new.on_lines(margin, step, ending)
    line = f"{ending}{margin}{written}"
    at = behind_comment(text, end if trailing is None else trailing + 1)
    if at is None:
        return [_behind(end, trailing, line)]
    if trailing is None:
        return [Splice(end, end, ","), Splice(at, at, line)]
    return [Splice(at, at, f"{line},")]


def remove(text: str, mapping: Node, entry: Entry) -> list[Splice]:
    """Remove an entry, one comma, and the comment on its line if the line is its own.

    Raises:
        DiagnoseError: the mapping has no braces, as `a: 1` in `[a: 1]`.
    """
    _check_braces(text, mapping, entry.name)
    start, end = entry.head.start, entry.value.end
    if len(mapping.entries) == 1 and "#" not in text[mapping.start : start] + text[end : mapping.end]:
        return [Splice(mapping.start + 1, mapping.end - 1, "")]
    following = comma(text, end)
    stop = end if following is None else following + 1
    behind = behind_comment(text, stop)
    before, position = [], mapping.entries.index(entry)
    if following is None and position:
        # the comma behind what is now the last entry goes, and the white space up to the entry
        at = comma(text, mapping.entries[position - 1].value.end)
        if at is not None:
            before = [Splice(at, at + 1 if text[at + 1 : start].strip(" \t") else start, "")]
    if indent(text, start) is not None and behind is not None:
        return [*before, Splice(line_start(text, start), line_end(text, behind), "")]
    spaces = 0 if following is None else len(text[stop : mapping.end]) - len(text[stop : mapping.end].lstrip(" \t"))
    return [*before, Splice(start, stop + spaces, "")]


def _behind(end: int, trailing: int | None, written: str) -> Splice:
    """Insert an entry behind the last one; where that has a comma, the new one has one too."""
    if trailing is None:
        return Splice(end, end, f",{written}")
    return Splice(trailing + 1, trailing + 1, f"{written},")


def _check_braces(text: str, mapping: Node, key: str) -> None:
    if text[mapping.start] != "{":
        raise DiagnoseError(f"{key}: belongs into a mapping without braces in a list; edit it by hand")

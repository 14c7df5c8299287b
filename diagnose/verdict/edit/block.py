"""Edits within block mappings: one key a line, indentation for structure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.sources.config.tree import Entry, Kind, Node, after_colon, without_blank_lines
from diagnose.verdict.edit.text import (
    Notation,
    Splice,
    behind_comment,
    column,
    indent,
    line_end,
    line_ending,
    line_start,
    write_scalar,
)

DEFAULT_STEP = 2
_PROPERTIES = re.compile(r"(?:[ \t]+[&!]\S+)*")


def insert(text: str, root: Node, mapping: Node, keys: tuple[str, ...], value: Scalar | None) -> list[Splice]:
    """Add a key behind the last entry of a block mapping, its missing parents around it."""
    first, last = mapping.entries[0].head, mapping.entries[-1]
    lines = _lines(keys, value, column(text, first.start), indent_step(text, root), first.style)
    return [_insert_lines(text, line_end(text, last.value.end), lines)]


def fill(text: str, root: Node, entry: Entry, keys: tuple[str, ...], value: Scalar | None) -> list[Splice]:
    """Put a nested block mapping where a key has no value or null."""
    step = indent_step(text, root)
    lines = _lines(keys, value, column(text, entry.head.start) + step, step, entry.head.style)
    behind = after_colon(text, entry.head) or entry.value.start
    return [Splice(behind, entry.value.end, ""), _insert_lines(text, line_end(text, entry.value.end), lines)]


def remove(text: str, holder: Entry | None, mapping: Node, entry: Entry) -> list[Splice]:
    """Remove an entry with the comment on its own line; a mapping that loses its last entry becomes {}."""
    if len(mapping.entries) == 1:
        return collapse(text, holder, mapping, "{}")
    start, end = entry.head.start, entry.value.end
    if indent(text, start) is not None:
        return [Splice(line_start(text, start), line_end(text, end), "")]
    following = mapping.entries[mapping.entries.index(entry) + 1].head  # behind "- " stands only the first entry
    stop = behind_comment(text, end) or end
    if text[stop : following.start].strip(" ") in {"\n", "\r\n", "\r"}:
        return [Splice(start, following.start, "")]
    return [Splice(len(text[:start].rstrip(" ")), stop, "")]


def collapse(text: str, holder: Entry | None, node: Node, replacement: str) -> list[Splice]:
    """Replace a block collection by something that fits on one line.

    Raises:
        DiagnoseError: a list item whose content is parted from its dash by a comment.
    """
    start = node.start
    if indent(text, start) is None:
        return [Splice(start, without_blank_lines(text, start, node.end), replacement)]
    lines = Splice(line_start(text, start), line_end(text, node.end), "")
    if holder is None:
        return [lines._replace(text=replacement + line_ending(text))]
    before = text[:start].rstrip()
    head = after_colon(text, holder.key) if holder.key else len(before) if before.endswith("-") else None
    if head is None:
        raise DiagnoseError("a list item begins below a comment on the line of its dash; edit it by hand")
    found = _PROPERTIES.match(text, head)
    head = found.end() if found else head
    return [Splice(head, head, f" {replacement}"), lines]


def indent_step(text: str, root: Node) -> int:
    """Return how much further this document indents a nested block mapping."""
    return next(_steps(text, root), DEFAULT_STEP)


def _steps(text: str, node: Node) -> Iterator[int]:
    for entry in node.entries:
        child = entry.value
        if child.alias or child.flow:
            continue
        if entry.key and child.kind is Kind.MAPPING:
            yield column(text, child.start) - column(text, entry.key.start)
        yield from _steps(text, child)


def _lines(keys: tuple[str, ...], value: Scalar | None, start: int, step: int, like: str) -> list[str]:
    *parents, last = [write_scalar(key, Notation.BLOCK, like) for key in keys]
    written = write_scalar(value, Notation.BLOCK)
    ends = [f"{' ' * (start + step * depth)}{key}:" for depth, key in enumerate([*parents, last])]
    return [*ends[:-1], f"{ends[-1]} {written}"]


def _insert_lines(text: str, at: int, lines: list[str]) -> Splice:
    end = line_ending(text)
    body = end.join(lines)
    return Splice(at, at, end + body if at and text[at - 1] not in "\r\n" else body + end)

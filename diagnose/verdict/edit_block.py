"""Edits within block mappings: one key a line, indentation for structure."""

from __future__ import annotations

import re

from diagnose.errors import DiagnoseError
from diagnose.model import Scalar
from diagnose.sources.config_tree import Entry, Kind, Node, after_colon
from diagnose.verdict.edit_text import (
    Splice,
    behind_comment,
    column,
    indent,
    line_end,
    line_ending,
    line_start,
    without_blank_lines,
)
from diagnose.verdict.edit_write import Notation, write_scalar

DEFAULT_STEP = 2
_PROPERTIES = re.compile(r"(?:[ \t]+[&!]\S+)*")


def insert(text: str, root: Node, mapping: Node, keys: tuple[str, ...], value: Scalar | None) -> list[Splice]:
    """Add a key behind the last entry of a block mapping, its missing parents around it."""
    first, last = mapping.entries[0].key, mapping.entries[-1]
    if first is None:
        raise AssertionError("a mapping's entry has a key")
    lines = _lines(keys, value, column(text, first.start), indent_step(text, root), first.style)
    return [_insert_lines(text, line_end(text, last.value.end), lines)]


def fill(text: str, root: Node, entry: Entry, keys: tuple[str, ...], value: Scalar | None) -> list[Splice]:
    """Put a nested block mapping where a key has no value or null."""
    if entry.key is None:
        raise AssertionError("a mapping's entry has a key")
    step = indent_step(text, root)
    lines = _lines(keys, value, column(text, entry.key.start) + step, step, entry.key.style)
    behind = after_colon(text, entry.key) or entry.value.start
    return [Splice(behind, entry.value.end, ""), _insert_lines(text, line_end(text, entry.value.end), lines)]


def remove(text: str, holder: Entry | None, mapping: Node, entry: Entry) -> list[Splice]:
    """Remove an entry with the comment on its own line; a mapping that loses its last entry becomes {}."""
    if len(mapping.entries) == 1:
        return collapse(text, holder, mapping, "{}")
    if entry.key is None:
        raise AssertionError("a mapping's entry has a key")
    start, end = entry.key.start, entry.value.end
    if indent(text, start) is not None:
        return [Splice(line_start(text, start), line_end(text, end), "")]
    following = mapping.entries[mapping.entries.index(entry) + 1].key  # behind "- " stands only the first entry
    stop = behind_comment(text, end) or end
    if following is not None and not text[stop : following.start].strip():
        return [Splice(start, following.start, "")]
    return [Splice(len(text[:start].rstrip(" ")), stop, "")]


def collapse(text: str, holder: Entry | None, node: Node, replacement: str) -> list[Splice]:
    """Replace a block collection by something that fits on one line.

    Raises:
        DiagnoseError: a list item whose content begins on the line below its dash.
    """
    start = node.start
    if indent(text, start) is None:
        return [Splice(start, without_blank_lines(text, start, node.end), replacement)]
    lines = Splice(line_start(text, start), line_end(text, node.end), "")
    if holder is None:
        return [lines._replace(text=replacement + line_ending(text))]
    head = None if holder.key is None else after_colon(text, holder.key)
    if head is None:
        raise DiagnoseError("a list item begins on the line below its dash; edit it by hand")
    found = _PROPERTIES.match(text, head)
    head = found.end() if found else head
    return [Splice(head, head, f" {replacement}"), lines]


def indent_step(text: str, root: Node) -> int:
    """Return how much further this document indents a nested block mapping."""
    for entry in root.entries:
        child = entry.value
        if entry.key and child.kind is Kind.MAPPING and not child.flow and not child.alias:
            step = column(text, child.start) - column(text, entry.key.start)
            if step > 0:
                return step
    steps = (indent_step(text, entry.value) for entry in root.entries if not entry.value.alias)
    return next(steps, DEFAULT_STEP)


def _lines(keys: tuple[str, ...], value: Scalar | None, start: int, step: int, like: str) -> list[str]:
    *parents, last = [write_scalar(key, Notation.BLOCK, like) for key in keys]
    written = write_scalar(value, Notation.BLOCK)
    ends = [f"{' ' * (start + step * depth)}{key}:" for depth, key in enumerate([*parents, last])]
    return [*ends[:-1], f"{ends[-1]} {written}"]


def _insert_lines(text: str, at: int, lines: list[str]) -> Splice:
    end = line_ending(text)
    body = end.join(lines)
    return Splice(at, at, end + body if at and text[at - 1] not in "\r\n" else body + end)

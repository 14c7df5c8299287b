"""Change single settings in the user's own config text and leave every other character as it is.

Edits are made on spans of the text, one after another, never by dumping data: comments, order, quoting, blank
lines and line ends stay. The result is read again and compared with what the edits are to come to; a text
that cannot be edited safely is refused, not damaged.
"""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.sources.config.content import BOM, parse, read_content
from diagnose.sources.config.dotted import MISSING, Step, look_up, split
from diagnose.sources.config.tree import Document, Entry, Kind, Lines, Node, without_blank_lines
from diagnose.verdict.edit import block, flow
from diagnose.verdict.edit.target import Target, check_replaceable, locate
from diagnose.verdict.edit.text import Notation, Splice, splice, write_scalar

MAX_DUPLICATES = 10
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line ends at a line feed alone, as for `diff`."""


def set_value(data: Any, steps: tuple[Step, ...], value: Scalar | None) -> None:  # noqa: ANN401 (a config)
    """Set a value in place; missing and null parents become mappings.

    Raises:
        DiagnoseError: the path does not fit the data, as where a section is a number.
    """
    *parents, last = steps
    for step in parents:
        if look_up(data, (step,)) in (MISSING, None):
            _fitting(data, step)[step] = {}
        data = _fitting(data, step)[step]
    _fitting(data, last)[last] = value


def _fitting(data: Any, step: Step) -> Any:  # noqa: ANN401 (a config holds anything)
    """Return the section or list that a step goes into."""
    if not isinstance(data, dict if isinstance(step, str) else list):
        raise DiagnoseError(f"{step}: does not fit {data!r}, which is no section; mend it by hand first")
    return data


def remove_key(data: Any, steps: tuple[Step, ...]) -> None:  # noqa: ANN401 (a config holds anything)
    """Remove a key in place; nothing happens where it or a parent is absent."""
    *parents, last = steps
    holder = look_up(data, tuple(parents))
    if isinstance(holder, dict):
        holder.pop(last, None)


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 (a config holds anything)
    """Return whether two data are equal, type by type: 1, 1.0 and true are three different settings."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


class Edit(Struct, frozen=True):
    """Set the value at a full dotted path ("config.process[0].train.steps"), or remove the key."""

    path: str
    value: Scalar | None = None
    remove: bool = False


def apply_edits(text: str, edits: Sequence[Edit], *, json: bool) -> str:
    """Return the text with the edits made, in their order. Edits that are made already change nothing.

    A duplicate key is edited where it is in effect: at its last occurrence; removing it removes them all.

    Args:
        text: a config as it was read, byte order mark and line ends included.
        edits: missing parent mappings of a path are created; list items must exist.
        json: the text is JSON, not YAML.

    Raises:
        DiagnoseError: the text cannot be parsed, a path does not fit it, or an edit would change another place
            too (anchors) or cannot be written safely.
    """
    paths = sorted((tuple((str(type(step)), step) for step in split(edit.path)), edit.path) for edit in edits)
    for (steps, path), (further, other) in itertools.pairwise(paths):
        if further[: len(steps)] == steps:  # the order would decide
            raise DiagnoseError(f"{path} and {other}: two edits of one setting; keep one")
    document = parse(text.removeprefix(BOM), json=json)
    expected = _data(document)
    pending = [edit for edit in edits if not _is_made(expected, edit)]
    document, pending = _replaced_at_once(document, pending, json=json)
    for _, group in itertools.groupby(pending, key=lambda edit: (edit.remove, split(edit.path)[:-1])):
        document = _made(document, list(group), json=json)
    for edit in edits:
        if edit.remove:
            remove_key(expected, split(edit.path))
        elif not _is_made(expected, edit):
            set_value(expected, split(edit.path), edit.value)
    if not same(_data(document), expected):
        raise DiagnoseError(f"{_named(edits)}: cannot be written safely into this text; edit it by hand")
    return BOM + document.text if text.startswith(BOM) else document.text


def unified_diff(old: str, new: str, name: str) -> str:
    """Return the difference of two texts of a file in unified format; "" where there is none."""
    before, after = (_LINE.findall(text) for text in (old, new))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _is_made(data: Any, edit: Edit) -> bool:  # noqa: ANN401 (a config holds anything)
    current = look_up(data, split(edit.path))
    return current is MISSING if edit.remove else same(current, edit.value)


def _replaced_at_once(document: Document, edits: Sequence[Edit], *, json: bool) -> tuple[Document, list[Edit]]:
    """Make the edits that put one scalar in the place of another, and return those that are left.

    Such edits touch nothing but their own spans, so one reading of the result does for all of them.
    """
    left, changes = [], []
    for edit in edits:
        target = None if edit.remove else locate(document, edit.path)
        entry = target.entry if target is not None and not target.missing else None
        if target is None or entry is None or entry.value.kind is not Kind.SCALAR or entry.value.empty:
            left.append(edit)
        else:
            check_replaceable(entry, document, edit.path)
            changes += _placed(document, target, edit.value, json=json)
    return _spliced(document, changes, _named(edits), json=json) if changes else document, left


def _made(document: Document, siblings: Sequence[Edit], *, json: bool) -> Document:
    """Return the document with removals, or values set, below one parent."""
    if siblings[0].remove:
        for edit in siblings:
            document = _removed(document, edit.path, json=json)
        return document
    targets = [locate(document, edit.path) for edit in siblings]
    if all(t.entry is None and len(t.missing) == 1 and not t.parent.flow for t in targets):
        # new keys of a block mapping, line by line behind its last one
        changes = [
            change
            for t, e in zip(targets, siblings, strict=True)
            for change in _placed(document, t, e.value, json=json)
        ]
        return _spliced(document, changes, _named(siblings), json=json)
    for edit in siblings:
        target = locate(document, edit.path)
        if target.entry is not None:
            check_replaceable(target.entry, document, edit.path)
        document = _spliced(document, _placed(document, target, edit.value, json=json), edit.path, json=json)
    return document


def _named(edits: Sequence[Edit]) -> str:
    return ", ".join(edit.path for edit in edits)


def _placed(document: Document, target: Target, value: Scalar | None, *, json: bool) -> list[Splice]:
    """Return the changes that put a value at a target."""
    text, parent, entry, missing = document.text, target.parent, target.entry, target.missing
    notation = Notation.JSON if json else Notation.FLOW if parent.flow else Notation.BLOCK
    root = document.root or parent
    if entry is None:
        if parent.flow:
            return flow.insert(text, parent, flow.Addition(missing, value, notation))
        return block.insert(text, root, parent, missing, value)
    if not missing:
        like = entry.value.style if entry.value.kind is Kind.SCALAR else ""
        return _replaced(text, target.parent, entry, write_scalar(value, notation, like))
    if notation is Notation.BLOCK and entry.key is not None:
        return block.fill(text, root, entry, missing, value)
    new = flow.Addition(missing, value, Notation.JSON if json else Notation.FLOW)
    return _replaced(text, parent, entry, f"{{{new.on_one_line()}}}")


def _replaced(text: str, parent: Node, entry: Entry, written: str) -> list[Splice]:
    """Return the changes that put `written` in the place of an entry's value."""
    node = entry.value
    if node.kind is not Kind.SCALAR and not node.flow and not node.alias:
        return block.collapse(text, entry, node, written)
    if node.empty:
        bare = parent.flow and entry.key is not None and node.start == entry.key.end
        return [Splice(node.start, node.end, f"{':' if bare else ''} {written}")]
    return [Splice(node.start, without_blank_lines(text, node.start, node.end), written)]


def _removed(document: Document, path: str, *, json: bool) -> Document:
    """Return the document without a key that it has, and without earlier duplicates of it."""
    for turn in range(MAX_DUPLICATES):
        target = locate(document, path)
        entry = target.entry
        if entry is None and turn:
            return document
        if entry is None or entry.key is None:
            what = "comes from a merge (<<)" if entry is None else "is a list item"
            raise DiagnoseError(f"{path}: {what}; remove it by hand")
        check_replaceable(entry, document, path)
        if target.parent.flow:
            changes = flow.remove(document.text, target.parent, entry)
        else:
            changes = block.remove(document.text, target.holder, target.parent, entry)
        document = _spliced(document, changes, path, json=json)
    raise DiagnoseError(f"{path}: is written {MAX_DUPLICATES} times or more; remove it by hand")


def _spliced(document: Document, changes: Sequence[Splice], path: str, *, json: bool) -> Document:
    try:
        return parse(splice(document.text, changes), json=json)
    except DiagnoseError as error:
        raise DiagnoseError(f"{path}: cannot be written safely into this text; edit it by hand") from error


def _data(document: Document) -> Any:  # noqa: ANN401 (a config holds anything)
    return read_content(document, "", Lines(document.text)).data

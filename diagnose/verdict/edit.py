"""Change single settings in the user's own config text and leave every other character as it is.

Edits are made on spans of the text, one after another, never by dumping data: comments, order, quoting, blank
lines and line ends stay. The result is read again and compared with what the edits are to come to; a text
that cannot be edited safely is refused, not damaged.
"""

from __future__ import annotations

import copy
import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnose.errors import DiagnoseError
from diagnose.model import Scalar
from diagnose.sources.config import BOM, parse
from diagnose.sources.config_access import MISSING, look_up
from diagnose.sources.config_content import read_content
from diagnose.sources.config_path import split
from diagnose.sources.config_tree import Document, Entry, Kind, Lines, Node
from diagnose.verdict import edit_block, edit_flow
from diagnose.verdict.edit_data import remove_key, same, set_value
from diagnose.verdict.edit_target import Target, check_replaceable, locate
from diagnose.verdict.edit_text import Splice, splice, without_blank_lines
from diagnose.verdict.edit_write import Notation, write_scalar


@dataclass(frozen=True, slots=True)
class Edit:
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
    _check_apart(edits)
    body = text.removeprefix(BOM)
    expected = copy.deepcopy(_data(parse(body, json=json)))
    for edit in edits:
        steps = split(edit.path)
        body = _remove(body, edit.path, json=json) if edit.remove else _set(body, edit, json=json)
        if edit.remove:
            remove_key(expected, steps)
        else:
            set_value(expected, steps, edit.value)
    _check(body, expected, edits, json=json)
    return BOM + body if text.startswith(BOM) else body


def unified_diff(old: str, new: str, name: str) -> str:
    """Return the difference of two texts of a file in unified format; "" where there is none."""
    lines = difflib.unified_diff(_lines(old), _lines(new), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _check_apart(edits: Sequence[Edit]) -> None:
    """Refuse two edits of one setting, or of a mapping and something in it: the order would decide."""
    paths = sorted((tuple((str(type(step)), step) for step in split(edit.path)), edit.path) for edit in edits)
    for (steps, path), (further, other) in itertools.pairwise(paths):
        if further[: len(steps)] == steps:
            raise DiagnoseError(f"{path} and {other}: two edits of one setting; keep one")


def _set(body: str, edit: Edit, *, json: bool) -> str:
    document = parse(body, json=json)
    current = look_up(_data(document), split(edit.path))
    if current is not MISSING and same(current, edit.value):
        return body
    target = locate(document, edit.path)
    if target.entry is not None:
        check_replaceable(target.entry, document, edit.path)
    return splice(body, _placed(document, target, edit.value, json=json))


def _placed(document: Document, target: Target, value: Scalar | None, *, json: bool) -> list[Splice]:
    """Return the changes that put a value at a target."""
    text, parent, entry, missing = document.text, target.parent, target.entry, target.missing
    notation = Notation.JSON if json else Notation.FLOW if parent.flow else Notation.BLOCK
    root = document.root or parent
    if entry is None:
        if parent.flow:
            return edit_flow.insert(text, parent, edit_flow.Addition(missing, value, notation))
        return edit_block.insert(text, root, parent, missing, value)
    if not missing:
        like = entry.value.style if entry.value.kind is Kind.SCALAR else ""
        return _replaced(text, target.parent, entry, write_scalar(value, notation, like))
    if notation is Notation.BLOCK and entry.key is not None:
        return edit_block.fill(text, root, entry, missing, value)
    new = edit_flow.Addition(missing, value, Notation.JSON if json else Notation.FLOW)
    return _replaced(text, parent, entry, f"{{{new.on_one_line()}}}")


def _replaced(text: str, parent: Node, entry: Entry, written: str) -> list[Splice]:
    """Return the changes that put `written` in the place of an entry's value."""
    node = entry.value
    if node.kind is not Kind.SCALAR and not node.flow and not node.alias:
        return edit_block.collapse(text, entry, node, written)
    if node.empty:
        bare = parent.flow and entry.key is not None and node.start == entry.key.end
        return [Splice(node.start, node.end, f"{':' if bare else ''} {written}")]
    return [Splice(node.start, without_blank_lines(text, node.start, node.end), written)]


def _remove(body: str, path: str, *, json: bool) -> str:
    steps = split(path)
    while True:
        document = parse(body, json=json)
        if look_up(_data(document), steps) is MISSING:
            return body
        target = locate(document, path)
        if target.entry is None or target.entry.key is None:
            what = "a list item" if isinstance(steps[-1], int) else "comes from a merge (<<)"
            raise DiagnoseError(f"{path}: {what}; remove it by hand")
        check_replaceable(target.entry, document, path)
        if target.parent.flow:
            changes = edit_flow.remove(body, target.parent, target.entry)
        else:
            changes = edit_block.remove(body, target.holder, target.parent, target.entry)
        body = splice(body, changes)


def _check(body: str, expected: Any, edits: Sequence[Edit], *, json: bool) -> None:  # noqa: ANN401 (a config)
    """Hold the edited text against the data it must have."""
    try:
        if same(_data(parse(body, json=json)), expected):
            return
        problem = "the text would say something else"
    except DiagnoseError as error:
        problem = str(error)
    paths = ", ".join(edit.path for edit in edits)
    raise DiagnoseError(f"{paths}: cannot be written safely into this text ({problem}); edit it by hand")


def _data(document: Document) -> Any:  # noqa: ANN401 (a config holds anything)
    return read_content(document, "", Lines(document.text)).data


def _lines(text: str) -> list[str]:
    """Split at line feeds alone, as `diff` does."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [last for last in text.split("\n")[-1:] if last]

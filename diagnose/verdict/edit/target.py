"""Find what an edit is about in a config's tree, and refuse what an edit must not touch.

An anchor's content stands in several places at once. Changing it for one of them would silently change the
others, so that is refused; replacing the alias itself is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.dotted import Step, split
from diagnose.sources.config.tree import Document, Entry, Kind, Node


class Target(Struct, frozen=True):
    """Where an edit applies.

    Attributes:
        parent: the innermost collection on the path.
        holder: the entry whose value `parent` is; None for the document's root.
        entry: what is written for the next step of the path, if anything.
        missing: keys still to be created below `entry` (which is then null), or below `parent` if there is none.
    """

    parent: Node
    holder: Entry | None
    entry: Entry | None
    missing: tuple[str, ...]


def locate(document: Document, path: str) -> Target:
    """Return the target of a path.

    Raises:
        DiagnoseError: the path leads through a scalar, past the end of a list, or through an anchor's content
            that is used elsewhere too.
    """
    steps = split(path)
    node, holder = document.root, None
    if node is None or not steps:
        raise DiagnoseError(f"{path or 'the document'}: nothing to edit there; give the path of a key")
    for position, step in enumerate(steps[:-1]):
        entry = _find(node, step, document, path)
        if entry is None:
            # a merged key may be overridden as a whole, but not entered: what it holds belongs to another mapping
            if any(entry.name == step for entry in node.effective()):
                raise DiagnoseError(f"{path}: {step} comes from a merge (<<); write it out here, then edit")
            _refuse_explicit(document.text, node.entries[:1], path)
            return Target(node, holder, None, _keys(steps[position:], path))
        if entry.value.kind is Kind.SCALAR:
            if entry.value.value is not None:
                raise DiagnoseError(f"{path}: {step} is {entry.value.value!r:.60}, not a mapping; edit it by hand")
            return Target(node, holder, entry, _keys(steps[position + 1 :], path))
        node, holder = entry.value, entry
    entry = _find(node, steps[-1], document, path)
    _refuse_explicit(document.text, node.entries[:1] if entry is None else (entry,), path)
    return Target(node, holder, entry, _keys(steps[-1:], path) if entry is None else ())


def check_replaceable(entry: Entry, document: Document, path: str) -> None:
    """Refuse to lose an anchor that is used elsewhere.

    Raises:
        DiagnoseError: the entry holds such an anchor.
    """
    for node in (entry.head, entry.value):
        for inner in _written(node):
            if inner.anchor in document.aliased:
                raise DiagnoseError(
                    f"{path}: &{inner.anchor} is here and is used elsewhere as *{inner.anchor}; "
                    "write the value out in both places, then edit"
                )


def _find(node: Node, step: Step, document: Document, path: str) -> Entry | None:
    """Return the entry in effect, the last one of its name; None for a key that is not written here."""
    if node.alias or node.anchor in document.aliased:
        raise DiagnoseError(
            f"{path}: lies in &{node.anchor}, which is used in several places; write the value out, then edit"
        )
    if isinstance(step, int):
        if node.kind is not Kind.SEQUENCE or step >= len(node.entries):
            raise DiagnoseError(f"{path}: there is no list item [{step}]; edit the list by hand")
        return node.entries[step]
    if node.kind is not Kind.MAPPING:
        raise DiagnoseError(f"{path}: a list where {step} would need a mapping; edit it by hand")
    named = [entry for entry in node.entries if entry.name == step and not (entry.key and entry.key.merge)]
    return named[-1] if named else None


def _refuse_explicit(text: str, entries: tuple[Entry, ...], path: str) -> None:
    """`? key` on one line and `: value` on the next: nobody writes it, and it has other rules."""
    if any(entry.key and text[: entry.key.start].rstrip(" \t").endswith("?") for entry in entries):
        raise DiagnoseError(f"{path}: a key here is written with '? '; write it as 'key: value', then edit")


def _keys(steps: tuple[Step, ...], path: str) -> tuple[str, ...]:
    keys = tuple(step for step in steps if isinstance(step, str))
    if len(keys) < len(steps):
        raise DiagnoseError(f"{path}: there is no such list; edit it by hand")
    return keys


def _written(node: Node) -> Iterator[Node]:
    """Yield the nodes that are written here: an alias only repeats."""
    if node.alias:
        return
    yield node
    for entry in node.entries:
        if entry.key is not None:
            yield entry.key
        yield from _written(entry.value)

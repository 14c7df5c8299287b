"""Edits of block mappings: where a line goes in, what goes out with a key, and how far it is indented."""

from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import parse
from diagnose.sources.config.tree import Node
from diagnose.verdict.edit import block
from diagnose.verdict.edit.text import splice


def rooted(text: str) -> Node:
    root = parse(text, json=False).root
    assert root is not None
    return root


def inserted(text: str, *keys: str) -> str:
    root = rooted(text)
    return splice(text, block.insert(text, root, root, keys, 1))


def removed(text: str, name: str) -> str:
    root = rooted(text)
    entry = next(entry for entry in root.entries if entry.name == name)
    return splice(text, block.remove(text, None, root, entry))


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("a: 1\n", 2),
        ("a:\n    b: 1\n", 4),
        ("a:\n - b:\n     c: 1\n", 2),
        ("a: {b: 1}\nc:\n   d: 1\n", 3),
        ("x: &x\n a: 1\ny: *x\n", 1),
        ("x: &x {a: {b: 1}}\ny: *x\nz:\n   a: 1\n", 3),
    ],
)
def test_a_document_is_indented_as_it_is(text: str, step: int) -> None:
    assert block.indent_step(text, rooted(text)) == step


@pytest.mark.parametrize(
    ("text", "keys", "after"),
    [
        ("a: 1\n", ("b",), "a: 1\nb: 1\n"),
        ("a: 1", ("b",), "a: 1\nb: 1"),
        ("a: 1  # why\n# below\n", ("b",), "a: 1  # why\nb: 1\n# below\n"),
        ("a: 1\r\n", ("b", "c"), "a: 1\r\nb:\r\n  c: 1\r\n"),
        ("a:\n    b: 1\n", ("c", "d", "e"), "a:\n    b: 1\nc:\n    d:\n        e: 1\n"),
        ("'a': 1\n", ("b",), "'a': 1\n'b': 1\n"),
    ],
)
def test_a_new_key_stands_behind_the_last_with_its_parents(text: str, keys: tuple[str, ...], after: str) -> None:
    assert inserted(text, *keys) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a: 1\nb: 2  # why\nc: 3\n", "a: 1\nc: 3\n"),
        ("a: 1\nb:\n  d: 1\nc: 3\n", "a: 1\nc: 3\n"),
        ("b: 2\n", "{}\n"),
        ("# head\nb: 2\n", "# head\n{}\n"),
    ],
)
def test_a_key_goes_with_its_own_lines(text: str, after: str) -> None:
    assert removed(text, "b") == after


@pytest.mark.parametrize(
    ("text", "after"),
    [("- b: 2\n  c: 3\n", "- c: 3\n"), ("-   b: 2  # why\n    c: 3\n", "-   c: 3\n")],
)
def test_the_first_key_of_a_list_item_leaves_the_dash(text: str, after: str) -> None:
    [item] = rooted(text).entries
    result = splice(text, block.remove(text, item, item.value, item.value.entries[0]))
    assert result == after
    assert [entry.name for entry in rooted(result).entries[0].value.entries] == ["c"]


def test_a_null_is_filled_below_its_key() -> None:
    text = "a:\nb: ~  # why\n"
    root = rooted(text)
    for index, after in ((0, "a:\n  c: 1\nb: ~  # why\n"), (1, "a:\nb:  # why\n  c: 1\n")):
        assert splice(text, block.fill(text, root, root.entries[index], ("c",), 1)) == after


def test_a_list_item_below_its_dash_is_left_to_the_user() -> None:
    text = "- # why\n  b: 2\n"
    [item] = rooted(text).entries
    with pytest.raises(DiagnoseError, match="below a comment on the line of its dash"):
        block.collapse(text, item, item.value, "{}")

"""Edits of mappings in braces: commas, lines and the comments on them."""

from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import parse
from diagnose.sources.config.tree import Node
from diagnose.verdict.edit import flow
from diagnose.verdict.edit.text import Notation, splice


def rooted(text: str, *, json: bool = False) -> Node:
    root = parse(text, json=json).root
    assert root is not None
    return root


def inserted(text: str, *keys: str, json: bool = False) -> str:
    new = flow.Addition(keys, 1, Notation.JSON if json else Notation.FLOW)
    return splice(text, flow.insert(text, rooted(text, json=json), new))


def removed(text: str, name: str) -> str:
    root = rooted(text)
    entry = next(entry for entry in root.entries if entry.name == name)
    return splice(text, flow.remove(text, root, entry))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("{}", "{b: 1}"),
        ("{a: 1}", "{a: 1, b: 1}"),
        ("{a: 1,}", "{a: 1, b: 1,}"),
        ("{'a': 1}", "{'a': 1, 'b': 1}"),
        ("{\n  a: 1\n}", "{\n  a: 1,\n  b: 1\n}"),
        ("{\n  a: 1,  # why\n}", "{\n  a: 1,  # why\n  b: 1,\n}"),
        ("{\n  a: 1  # why\n}", "{\n  a: 1,  # why\n  b: 1\n}"),
        ("{\r\n  a: 1\r\n}", "{\r\n  a: 1,\r\n  b: 1\r\n}"),
    ],
)
def test_a_new_entry_of_yaml(text: str, after: str) -> None:
    assert inserted(text, "b") == after


@pytest.mark.parametrize(
    ("text", "keys", "after"),
    [
        ('{"a":1}', ("b",), '{"a":1,"b":1}'),
        ('{"a": 1}', ("b", "c"), '{"a": 1, "b": {"c": 1}}'),
        ('{\n  "a": 1\n}', ("b", "c"), '{\n  "a": 1,\n  "b": {\n    "c": 1\n  }\n}'),
    ],
)
def test_a_new_entry_of_json(text: str, keys: tuple[str, ...], after: str) -> None:
    assert inserted(text, *keys, json=True) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("{b: 1}", "{}"),
        ("{ # why\n b: 1}", "{ # why\n }"),
        ("{a: 1, b: 1}", "{a: 1}"),
        ("{b: 1, a: 1}", "{a: 1}"),
        ("{b: 1 , a: 1}", "{a: 1}"),
        ("{a: 1, b: 1,}", "{a: 1, }"),
        ("{\n  a: 1,\n  b: 1,  # why\n  c: 1\n}", "{\n  a: 1,\n  c: 1\n}"),
        ("{\n  a: 1,\n  b: 1\n}", "{\n  a: 1\n}"),
        ("{\n  a: 1,  # keep\n  b: 1\n}", "{\n  a: 1  # keep\n}"),
    ],
)
def test_an_entry_goes_with_one_comma(text: str, after: str) -> None:
    result = removed(text, "b")
    assert result == after
    assert [entry.name for entry in rooted(result).entries] == [e.name for e in rooted(text).entries if e.name != "b"]


def test_a_mapping_without_braces_is_left_to_the_user() -> None:
    text = "[b: 1]"
    [item] = rooted(text).entries
    with pytest.raises(DiagnoseError, match="a mapping without braces"):
        flow.insert(text, item.value, flow.Addition(("c",), 1, Notation.FLOW))
    with pytest.raises(DiagnoseError, match="a mapping without braces"):
        flow.remove(text, item.value, item.value.entries[0])


def test_a_comment_is_kept_where_the_only_entry_goes() -> None:
    assert removed("{b: 1, # why\n}", "b") == "{# why\n}"
    assert removed("{\n  b: 1\n}", "b") == "{}"
    assert inserted("{\n  a: 1,\n  # below\n}", "b") == "{\n  a: 1,\n  b: 1,\n  # below\n}"

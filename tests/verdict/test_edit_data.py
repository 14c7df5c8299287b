from typing import Any

import pytest

from diagnose.verdict.edit.data import remove_key, same, set_value


def test_parents_are_made_where_they_are_missing_or_null() -> None:
    content: dict[str, Any] = {"a": [None, 1], "b": None}
    set_value(content, ("a", 0, "x"), 1)
    set_value(content, ("b", "c", "d"), 2)
    set_value(content, ("e", "f"), 3)
    assert content == {"a": [{"x": 1}, 1], "b": {"c": {"d": 2}}, "e": {"f": 3}}


def test_removing_what_is_absent_changes_nothing() -> None:
    content: dict[str, Any] = {"a": {"b": 1}, "c": 5}
    for steps in (("a", "x"), ("x", "y"), ("c", "d"), ("a", "b", "c")):
        remove_key(content, steps)
    assert content == {"a": {"b": 1}, "c": 5}
    remove_key(content, ("a", "b"))
    assert content == {"a": {}, "c": 5}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, False),
        (1, True, False),
        ("1", 1, False),
        (float("nan"), float("nan"), True),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": [1, 2]}, {"a": [1, 2.0]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1], [1, 2], False),
    ],
)
def test_sameness_minds_the_type(one: object, other: object, equal: bool) -> None:
    assert same(one, other) is equal

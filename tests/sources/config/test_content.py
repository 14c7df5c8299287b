from __future__ import annotations

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import Content, read_content
from diagnose.sources.config.tree import Lines
from diagnose.sources.config.yaml_tree import parse_yaml


def content(text: str) -> Content:
    return read_content(parse_yaml(text), "config.yaml", Lines(text))


def test_keys_and_list_items_have_lines() -> None:
    text = "a:\n  b: 1\n\n  c:\n  - x\n  -\n    - y\n  - d: 2\n    e: 3\n"
    assert content(text).lines == {
        "a": 1,
        "a.b": 2,
        "a.c": 4,
        "a.c[0]": 5,
        "a.c[1]": 7,
        "a.c[1][0]": 7,
        "a.c[2]": 8,
        "a.c[2].d": 8,
        "a.c[2].e": 9,
    }


def test_the_last_of_two_equal_keys_counts() -> None:
    read = content("a: 1\nb: 2\na:\n  c: 3\n")
    assert read.data == {"a": {"c": 3}, "b": 2}
    assert read.lines["a"] == 3
    (remark,) = read.remarks
    assert (remark.place.line, remark.place.key, remark.text) == (
        3,
        "a",
        "this key is also on line 1; the last one counts",
    )


def test_keys_become_text_as_in_json() -> None:
    read = content("on: 1\n1: 2\n~: 3\n0.5: 4\n1e-5: 5\n'x': 6\n")
    assert read.data == {"true": 1, "1": 2, "null": 3, "0.5": 4, "1e-05": 5, "x": 6}
    assert [remark.place.line for remark in read.remarks] == [1, 2, 3, 4, 5]


def test_merged_keys_point_to_where_they_stand() -> None:
    read = content("a: &a\n  x: 1\n  y: 2\nb:\n  <<: *a\n  y: 3\n")
    assert read.data["b"] == {"x": 1, "y": 3}
    assert read.lines["b.x"] == 2
    assert read.lines["b.y"] == 6
    assert not read.remarks


def test_a_merge_of_no_mapping_is_remarked() -> None:
    read = content("a: &a 1\nb: {<<: *a, c: 2}\n")
    assert read.data["b"] == {"c": 2}
    assert "<< can merge mappings only" in read.remarks[0].text


def test_a_repeated_oddity_is_remarked_once() -> None:
    read = content("a: &a {x: 1e-5}\nb: *a\nc: *a\n")
    assert len(read.remarks) == 1


def test_text_that_aliases_would_multiply_is_refused() -> None:
    text = "a: &a " + "x" * 500_000 + "\nb: [" + "*a," * 100 + "]\n"
    with pytest.raises(DiagnoseError, match="line 2: too much text"):
        content(text)

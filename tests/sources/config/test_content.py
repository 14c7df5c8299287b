from __future__ import annotations

import json
from typing import Any

import pytest
from config_documents import json_text
from hypothesis import given, settings

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import Content, parse_json, read_content
from diagnose.sources.config.tree import Document, Lines
from diagnose.sources.config.yaml_tree import parse_yaml


def data(document: Document) -> Any:
    return read_content(document, "config.json", Lines(document.text)).data


@settings(max_examples=100, deadline=None)
@given(json_text())
def test_the_data_are_those_of_the_json_module(text: str) -> None:
    assert data(parse_json(text)) == json.loads(text)


def test_spans() -> None:
    text = '{\t"a" : -1.5e-5,\r\n"b\\"}": [true, "x, ]"]}'
    root = parse_json(text).root
    assert root is not None
    first, second = root.entries
    assert [text[entry.head.start : entry.head.end] for entry in (first, second)] == ['"a"', '"b\\"}"']
    assert [text[entry.value.start : entry.value.end] for entry in (first, second)] == ["-1.5e-5", '[true, "x, ]"]']
    assert text[root.start : root.end] == text
    assert root.flow


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1,}', "line 1, column .*: not JSON: .*correct it there"),
        ('{\n  // c\n  "a": 1}', "line 2, column 3: .* takes no comments"),
        ('{"lr": ${LR}}', "line 1, column 8: .* put the placeholder in quotes"),
        ("", "line 1, column 1: not JSON"),
        ("[" * 5000 + "]" * 5000, "nested too deep|levels of nesting"),
        ("[" * 100 + "]" * 100, "levels of nesting"),
        ("[" + "1," * 30_000 + "1]", "more than .* values"),
    ],
)
def test_what_is_not_json_is_refused(text: str, problem: str) -> None:
    with pytest.raises(DiagnoseError, match=problem):
        parse_json(text)


def test_a_number_nobody_writes_stays_text() -> None:
    digits = "9" * 5000
    assert data(parse_json(f'{{"a": {digits}}}')) == {"a": digits}


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

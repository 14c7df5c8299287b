from __future__ import annotations

import json
from typing import Any

import pytest
from config_documents import json_text
from hypothesis import given, settings

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.content import read_content
from diagnose.sources.config.json_tree import parse_json
from diagnose.sources.config.tree import Document, Lines


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

import json

import pytest
import yaml
from config_documents import ODD_SCALARS, TrainerLoader
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.verdict.edit.apply import same
from diagnose.verdict.edit.text import (
    Notation,
    Splice,
    behind_comment,
    comma,
    indent,
    line_end,
    line_ending,
    line_start,
    splice,
    write_scalar,
)


def test_splices_are_made_by_offset() -> None:
    assert splice("abcdef", [Splice(4, 5, "E"), Splice(0, 2, ""), Splice(3, 3, "-")]) == "c-dEf"
    assert splice("ab", [Splice(1, 1, "x"), Splice(1, 1, "y")]) == "axyb"


def test_lines_around_an_offset() -> None:
    text = "a: 1  # c\r\n  b: 2\r\n"
    assert line_end(text, 4) == 11
    assert line_end(text, 11) == 11
    assert indent(text, 13) == "  "
    assert indent(text, 3) is None
    assert line_ending(text) == "\r\n"
    assert line_ending("a") == "\n"


def test_what_follows_on_the_line() -> None:
    assert behind_comment("1  # c\n", 1) == 6
    assert behind_comment("1#c", 1) is None
    assert behind_comment("1 ", 1) == 2
    assert behind_comment("1 }", 1) is None


def test_a_comma_in_a_comment_is_none() -> None:
    assert comma("1 # a, b\n , 2", 1) == 10
    assert comma("1 # a, b\n }", 1) is None
    assert comma("1 # a, b", 1) is None
    assert comma("1, 2", 1) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("adamw8bit", "adamw8bit"),
        ("path/to/a file.png", "path/to/a file.png"),
        ("yes", '"yes"'),
        ("1e-5", '"1e-5"'),
        ("-.5", '"-.5"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("${HOME}", '"${HOME}"'),
        ("one\ntwo", '"one\\ntwo"'),
        (True, "true"),
        (None, "null"),
        (2e-5, "2.0e-5"),
        (2200, "2200"),
    ],
)
def test_how_values_are_written(value: object, text: str) -> None:
    assert write_scalar(value, Notation.BLOCK) == text  # type: ignore[arg-type]


def test_quotes_are_kept() -> None:
    assert write_scalar("it's", Notation.BLOCK, "'") == "'it''s'"
    assert write_scalar("fp16", Notation.BLOCK, '"') == '"fp16"'
    assert write_scalar("a\nb", Notation.BLOCK, "'") == '"a\\nb"'
    assert write_scalar(5, Notation.BLOCK, "'") == "5"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_config_can_hold_is_refused(value: float | str) -> None:
    with pytest.raises(DiagnoseError, match="cannot be written into a config"):
        write_scalar(value, Notation.BLOCK)


@given(ODD_SCALARS, st.sampled_from(["", "'", '"']))
def test_every_reader_reads_it_back(value: object, like: str) -> None:
    block = f"k: {write_scalar(value, Notation.BLOCK, like)}\n"  # type: ignore[arg-type]
    flow = f"{{k: {write_scalar(value, Notation.FLOW, like)}, l: 1}}"  # type: ignore[arg-type]
    for text in (block, flow):
        for read in (yaml.safe_load(text), yaml.load(text, TrainerLoader)):  # noqa: S506 (a safe subclass)
            assert same(read["k"], value)
    assert same(json.loads(write_scalar(value, Notation.JSON, like)), value)  # type: ignore[arg-type]


def test_a_line_may_begin_behind_the_first_character() -> None:
    for end in ("\n", "\r"):
        assert line_start(f"{end}ab", 2) == 1
        assert line_start("ab", 2) == 0

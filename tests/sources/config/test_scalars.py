from __future__ import annotations

import json

import pytest
import yaml
from config_documents import TrainerLoader
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.values import Scalar
from diagnose.sources.config.scalars import MAX_NUMBER, PREFIX, read_scalar, spell


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.0e-5", 2e-5),
        ("1", 1),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0.5", 0.5),
        (".5", 0.5),
        ("yes", True),
        ("off", False),
        ("y", "y"),
        ("~", None),
        ("", None),
        ("cuda:0", "cuda:0"),
        ("bf16", "bf16"),
        (".inf", float("inf")),
        ("nan", "nan"),
    ],
)
def test_what_needs_no_remark(text: str, value: Scalar | None) -> None:
    assert read_scalar(text, None, plain=True) == (value, "")


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("1e-5", 1e-5, "write 1.0e-5"),
        ("1E5", 1e5, "write 100000.0"),
        ("1.5e5", 1.5e5, "text to other YAML readers"),
        ("16:9", 969, "base 60"),
        ("1:30.5", 90.5, "base 60"),
        ("010", 8, "octal"),
        ("-.5", "-.5", "write -0.5"),
        (".5e5", ".5e5", "write 50000.0"),
        ("2025-01-01", "2025-01-01", "is a timestamp to the trainer"),
        ("2025-13-45", "2025-13-45", "is a timestamp to the trainer"),
        ("=", "=", "is a value to the trainer"),
        ("<<", "<<", "is a merge to the trainer"),
        ("._", "._", "cannot be read as float"),
    ],
)
def test_what_needs_one(text: str, value: Scalar, note: str) -> None:
    read, remark = read_scalar(text, None, plain=True)
    assert (type(read), read) == (type(value), value)
    assert note in remark


@pytest.mark.parametrize("text", ["1e-5", "yes", "010", "~", "2025-01-01"])
def test_quotes_make_text(text: str) -> None:
    assert read_scalar(text, None, plain=False) == (text, "")


def test_tags_of_scalars_are_followed() -> None:
    assert read_scalar("5", PREFIX + "float", plain=True) == (5.0, "")
    assert read_scalar("1e-5", PREFIX + "float", plain=True) == (1e-5, "")
    assert read_scalar("5", PREFIX + "str", plain=True) == ("5", "")
    assert read_scalar("5", "!", plain=False) == (5, "")


@pytest.mark.parametrize("tag", ["!mine", PREFIX + "binary", PREFIX + "python/object/apply:os.system"])
def test_other_tags_are_remarked_and_read_without(tag: str) -> None:
    value, note = read_scalar("5", tag, plain=True)
    assert value == 5
    assert "does not take the tag" in note


@pytest.mark.parametrize(("tag", "text"), [("int", "abc"), ("int", ""), ("bool", "maybe"), ("float", "x")])
def test_what_contradicts_its_tag_stays_text(tag: str, text: str) -> None:
    value, note = read_scalar(text, PREFIX + tag, plain=True)
    assert value == text
    assert f"cannot be read as {tag}" in note


@pytest.mark.parametrize("text", ["9" * 5000, "1" + ":1" * 5000, "0x" + "f" * 5000, "1." + "0" * 5000])
def test_a_number_nobody_writes_is_not_computed(text: str) -> None:
    value, note = read_scalar(text, None, plain=True)
    assert value == text
    assert len(text) > MAX_NUMBER
    assert "taken as text" in note
    assert len(note) < 200


def test_halves_of_characters() -> None:
    assert read_scalar("\ud83d\ude00", None, plain=False) == ("\U0001f600", "")
    value, note = read_scalar("a\ud800", None, plain=False)
    assert value == "a\ufffd"
    assert "half a character" in note


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2e-5, "2.0e-5"),
        (1.5e-05, "1.5e-5"),
        (0.0005, "5.0e-4"),
        (0.00025, "2.5e-4"),
        (-1e-4, "-1.0e-4"),
        (0.001, "0.001"),
        (0.999, "0.999"),
        (1.0, "1.0"),
        (0.0, "0.0"),
        (2200, "2200"),
        (1e16, "1.0e+16"),
        (1.25e300, "1.25e+300"),
    ],
)
def test_numbers_are_written_the_way_people_write_them(number: float, text: str) -> None:
    assert spell(number) == text


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers()))
def test_every_reader_takes_the_spelling_for_the_same_number(number: float) -> None:
    text = spell(number)
    readings = [yaml.safe_load(text), yaml.load(text, TrainerLoader), json.loads(text)]  # noqa: S506 (safe subclass)
    assert [(type(reading), reading) for reading in readings] == [(type(number), number)] * 3

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from diagnose.rulebase.yaml_scalars import read_plain, spelled


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("0.008", 0.008),
        ("-1.5", -1.5),
        ("5.0e-06", 5e-06),
        ("1.0e+3", 1000.0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("lora", "lora"),
        ("0.1.0", "0.1.0"),
        ("in effect", "in effect"),
        ("none", "none"),
        ("$lr_ratio_min", "$lr_ratio_min"),
        ("-", "-"),
    ],
)
def test_what_every_reader_takes_alike_is_taken(text: str, value: object) -> None:
    result, complaint = read_plain(text)
    assert complaint is None
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "value", "complaint"),
    [
        ("5e-06", 5e-06, "5e-06 is not a number to every YAML reader: write 5.0e-06 (or quote it for text)"),
        ("1e3", 1000.0, "1e3 is not a number to every YAML reader: write 1000.0 (or quote it for text)"),
        ("2.5e3", 2500.0, "2.5e3 is not a number to every YAML reader: write 2500.0 (or quote it for text)"),
        (".5", 0.5, ".5 is not a number to every YAML reader: write 0.5 (or quote it for text)"),
        ("+3", 3.0, "+3 is not a number to every YAML reader: write 3.0 (or quote it for text)"),
        ("010", 10.0, "010 is not a number to every YAML reader: write 10.0 (or quote it for text)"),
        ("1_000", 1000.0, "1_000 is not a number to every YAML reader: write 1000.0 (or quote it for text)"),
        ("no", False, "no is not a truth value to every YAML reader: write false (or quote it for text)"),
        ("On", True, "On is not a truth value to every YAML reader: write true (or quote it for text)"),
        ("1:30", "1:30", "1:30 is not plain text to every YAML reader: quote it"),
        ("0x1f", "0x1f", "0x1f is not plain text to every YAML reader: quote it"),
        (".inf", ".inf", ".inf is not plain text to every YAML reader: quote it"),
        ("nan", "nan", "nan is not plain text to every YAML reader: quote it"),
        ("2026-01-31", "2026-01-31", "2026-01-31 is not plain text to every YAML reader: quote it"),
        ("~", "~", "~ is not plain text to every YAML reader: quote it"),
        ("1.0e+999", 0.0, "1.0e+999 is too large for a number"),
        ("9" * 21, 0, "the number has too many digits"),
        ("9" * 99_999, 0, "the number has too many digits"),
        ("9" * 999 + ".0", 0.0, "9" * 60 + " is too large for a number"),
    ],
)
def test_what_readers_take_differently_is_refused_with_what_to_write(text: str, value: object, complaint: str) -> None:
    assert read_plain(text) == (value, complaint)


@given(st.text(alphabet="0123456789+-._eExyn:~ntrufalsofINF", max_size=12))
def test_whatever_is_accepted_is_what_pyyaml_reads(text: str) -> None:
    value, complaint = read_plain(text)
    if complaint is None:
        loader: Any = yaml.SafeLoader("")
        tag = loader.resolve(yaml.ScalarNode, text, (True, False))
        read = loader.construct_object(yaml.ScalarNode(tag, text))
        assert (read, type(read)) == (value, type(value))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_recommended_spelling_is_accepted_and_exact(number: float) -> None:
    value, complaint = read_plain(spelled(number))
    assert complaint is None
    assert value == number

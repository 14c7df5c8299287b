from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import EngineError
from diagnose.engine.durable.encode import (
    GO,
    KNOWN,
    MAX_MESSAGES,
    as_double,
    as_text,
    canonical,
    message,
    to_json,
)
from diagnose.rulebase.rule import MAX_TEXT

RESERVED = ("sid", "$s", "$time", "$timerName", "$baseTime", "$m", "$forward", "label", "chart", "$pulse", "sid-0")


def fnv(text: str) -> int:
    """The engine's hash of names and ids, its only way to tell them apart."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) % 2**32
    return value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5e-06, "5.0e-06"),
        (-5e-324, "-5.0e-324"),
        (1e22, "1.0e+22"),
        (1.5e-05, "1.5e-05"),
        (3.0, "3.0"),
        (0.1, "0.1"),
    ],
)
def test_every_number_has_a_point_before_its_exponent(number: float, text: str) -> None:
    assert to_json({"number": number}) == f'{{"number": {text}}}'


@given(st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_json_keeps_every_double_and_text(number: float, text: str) -> None:
    tricky = f'{text}": 5e-06, "x": 1e5'
    written = to_json({"number": number, "text": text, "tricky": tricky})
    assert json.loads(written) == {"number": number, "text": text, "tricky": tricky}
    assert written.isascii()
    assert "\n" not in written
    assert re.search(r'[^\\]": -?\d+e', written) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53 + 1, 2**64 - 1, 10**400])
def test_what_is_no_finite_double_is_refused(value: float) -> None:
    with pytest.raises(EngineError, match="it is no finite double"):
        as_double(value)


def test_integers_become_doubles_and_zero_has_one_sign() -> None:
    assert repr(as_double(2**60)) == repr(float(2**60))
    assert repr(as_double(-0.0)) == "0.0"


def test_a_text_has_a_limit_that_16_bits_can_count_once_it_is_escaped() -> None:
    longest = "\U0001f3ac" * MAX_TEXT
    assert as_text(longest) == longest
    assert len(json.dumps(canonical(longest))) < 2**16
    with pytest.raises(EngineError, match="a text of 4097 characters"):
        as_text("x" * (MAX_TEXT + 1))


def test_equal_values_and_only_they_have_one_canonical_text() -> None:
    assert canonical(1) == canonical(1.0)
    assert canonical(0.0) == canonical(-0.0)
    assert len({canonical(value) for value in (1, True, "1", "1.0", "True", 1.5, False, "", "number:1.0")}) == 9


def test_every_message_has_every_property() -> None:
    for text in (message(0, GO), message(1, KNOWN, "rate", "high", 5), message(2, KNOWN, "ok", "run", value=True)):
        assert list(json.loads(text)) == ["id", "one", "kind", "name", "subject", "type", "value", "number"]
    assert json.loads(message(3, KNOWN, "rate", "high", 5)) == {
        "id": "f3",
        "one": 1.0,
        "kind": "known",
        "name": "rate",
        "subject": "high",
        "type": "number",
        "value": "number:5.0",
        "number": 5.0,
    }


def test_names_and_ids_have_hashes_of_their_own() -> None:
    assert fnv("f6059") == fnv("f264602")  # the engine takes these two for one
    names = {*json.loads(message(0, GO)), *RESERVED}
    assert len({fnv(name) for name in names}) == len(names)
    ids = [f"f{number}" for number in range(MAX_MESSAGES + 1)]
    assert len({fnv(name) for name in (*ids, *RESERVED)}) == len(ids) + len(RESERVED)


def test_aliases_have_hashes_of_their_own() -> None:
    aliases = ["g", "i", *(f"{letter}{number}" for letter in "cvz" for number in range(1000))]
    assert len({fnv(alias) for alias in aliases}) == len(aliases)

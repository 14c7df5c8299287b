from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.values import Scalar
from diagnose.rulebase.comparison import literals, passes, same, scaled, told
from diagnose.rulebase.rule import Op, Reference, Test

SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)


@pytest.mark.parametrize(
    ("op", "operand", "value", "expected"),
    [
        (Op.IS, 5, 5.0, True),
        (Op.IS, 1, True, False),
        (Op.IS, "1", 1, False),
        (Op.IS_NOT, 1, True, True),
        (Op.IN, ("a", 2), 2.0, True),
        (Op.IN, ("a", 1), True, False),
        (Op.LT, 3, 3, False),
        (Op.LE, 3, 3, True),
        (Op.GT, 3, 3.0000001, True),
        (Op.GE, 3, 2, False),
        (Op.GE, 0, True, False),
        (Op.LT, "b", "a", False),
        (Op.LT, 3, None, False),
        (Op.IS, 3, None, False),
    ],
)
def test_a_literal_is_compared_by_kind_and_value(
    op: Op, operand: Scalar | tuple[Scalar, ...], value: Scalar | None, expected: bool
) -> None:
    assert passes(Test(op, operand), value, {}) is expected


@pytest.mark.parametrize(
    ("op", "times", "low", "value", "expected"),
    [
        (Op.LT, 3.0, 2, 5.9, True),
        (Op.LT, 3.0, 2, 6, False),
        (Op.GE, 1.0, 2, 2, True),
        (Op.IS, 1.0, "a", "a", True),
        (Op.IS, 2.0, "a", "a", False),
        (Op.LT, 2.0, None, 1, False),
    ],
)
def test_a_reference_stands_for_another_value_times_a_constant(
    op: Op, times: float, low: Scalar | None, value: Scalar, expected: bool
) -> None:
    assert passes(Test(op, Reference("low", times)), value, {"low": low}) is expected


@given(SCALARS, SCALARS)
def test_is_and_is_not_are_opposites_and_symmetric(one: Scalar, other: Scalar) -> None:
    assert passes(Test(Op.IS, one), other, {}) is not passes(Test(Op.IS_NOT, one), other, {})
    assert same(one, other) is same(other, one)


def test_a_product_beyond_the_doubles_is_infinite() -> None:
    assert scaled(10**400, 2.0) == math.inf
    assert scaled(-(10**400), 2.0) == -math.inf
    assert scaled(True, 2.0) is None


def test_literals_are_what_a_test_names_itself() -> None:
    assert literals(Test(Op.IS, "a")) == ("a",)
    assert literals(Test(Op.IN, (1, 2))) == (1, 2)
    assert literals(Test(Op.IS, Reference("low"))) == ()


@pytest.mark.parametrize(
    ("test", "limit", "words"),
    [
        (Test(Op.LT, 0.004, "least"), None, "< 0.004 (least)"),
        (Test(Op.IN, ("a", "b")), ("a", "b"), "is one of a, b"),
        (Test(Op.IN, ("a",)), None, "is a"),
        (Test(Op.GE, Reference("other", 3.0)), None, ">= other x 3"),
        (Test(Op.IS_NOT, Reference("other")), 5, "is not 5 (other)"),
    ],
)
def test_a_test_reads_in_words(test: Test, limit: Any, words: str) -> None:
    assert told(test, limit) == words

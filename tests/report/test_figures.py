"""Every kind of number in the notation of the field."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.values import Notation
from diagnose.report.figures import NOT_FINITE, Kind, counted, exact, figure, finite, measured

HUGE = 10**400


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.000148, Kind.RATE, "1.48e-4"),
        (1e-5, Kind.RATE, "1e-5"),
        (0.0, Kind.RATE, "0"),
        (1e20, Kind.RATE, "1e20"),
        (0.005605, Kind.MAGNITUDE, "0.005605"),
        (0.00471, Kind.MAGNITUDE, "0.004710"),
        (9.87, Kind.MAGNITUDE, "9.870"),
        (1234.0, Kind.MAGNITUDE, "1234"),
        (0.0000123, Kind.MAGNITUDE, "1.230e-5"),
        (1.3454545, Kind.RATIO, "1.35"),
        (2.0, Kind.RATIO, "2.00"),
        (0.0004, Kind.RATIO, "4.00e-4"),
        (0.054, Kind.GROWTH, "+5.4 %"),
        (-0.071, Kind.GROWTH, "-7.1 %"),
        (0.0755, Kind.LOSS, "0.0755"),
        (0.4863, Kind.STABILITY, "0.486"),
        (783, Kind.COUNT, "783"),
        (None, Kind.COUNT, "unknown"),
        (math.nan, Kind.LOSS, NOT_FINITE),
        (HUGE, Kind.COUNT, NOT_FINITE),
    ],
)
def test_figure(value: float | None, kind: Kind, text: str) -> None:
    assert figure(value, kind) == text


@pytest.mark.parametrize(
    ("value", "notation", "unit", "text"),
    [
        (0.000148, Notation.RATE, "", "1.48e-4"),
        (1.3454545, Notation.RATIO, "", "1.35"),
        (2100, Notation.NUMBER, "", "2100"),
        (-1.25, Notation.PERCENT, "% per 100 steps", "-1.2 % per 100 steps"),
        (5.4, Notation.PERCENT, "%", "+5.4 %"),
        (1.3148, Notation.TIMES, "x", "1.31 times"),
        (5.4, Notation.PERCENT, "", "5.4"),
        (0.625, Notation.SHARE, "", "62 %"),
        (0.00471, Notation.MAGNITUDE, "", "0.004710"),
        (0.07553, Notation.LOSS, "", "0.0755"),
        (3070, Notation.NUMBER, "steps", "3070 steps"),
        (0.48634, Notation.NUMBER, "", "0.4863"),
        (12345.678, Notation.NUMBER, "", "12346"),
        (True, Notation.NUMBER, "", "yes"),
        (False, Notation.NUMBER, "", "no"),
        ("one\ntwo", Notation.NUMBER, "", "one two"),
        (None, Notation.NUMBER, "", "unknown"),
        (math.inf, Notation.NUMBER, "", NOT_FINITE),
    ],
)
def test_measured(value: bool | float | str | None, notation: Notation, unit: str, text: str) -> None:
    assert measured(value, notation, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2e-5, "2e-5"),
        (0.000148, "1.48e-4"),
        (0.0078125, "0.0078125"),
        (0.999, "0.999"),
        (1.0, "1"),
        (10000, "10000"),
        (0.0, "0"),
        (1e20, "1e20"),
        (True, "true"),
        (None, "absent"),
        ("uint4", "uint4"),
        (math.nan, NOT_FINITE),
        (HUGE, NOT_FINITE),
    ],
)
def test_exact(value: bool | float | str | None, text: str) -> None:
    assert exact(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_setting_is_never_rounded(value: float) -> None:
    assert float(exact(value)) == value


@given(st.floats() | st.integers(), st.sampled_from(Kind))
def test_every_number_can_be_written(value: float, kind: Kind) -> None:
    text = figure(value, kind)
    assert (text == NOT_FINITE) is not finite(value)
    assert "nan" not in text


def test_counted() -> None:
    assert (counted(1, "rule", "rules"), counted(0, "rule", "rules")) == ("1 rule", "0 rules")

from __future__ import annotations

from statistics import correlation, linear_regression

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.demo.regression import fit_line


@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=60).filter(lambda ys: max(ys) - min(ys) > 1e-3))
def test_line_agrees_with_the_standard_library(values: list[float]) -> None:
    line = fit_line(values)
    indices = list(range(len(values)))
    assert line.slope == pytest.approx(linear_regression(indices, values).slope, rel=1e-6, abs=1e-12)
    assert line.correlation == pytest.approx(correlation(indices, values), rel=1e-6, abs=1e-9)


def test_a_perfect_fall_is_explained_wholly() -> None:
    line = fit_line([3.0, 2.0, 1.0])
    assert line.slope == -1.0
    assert line.r2 == pytest.approx(1.0)

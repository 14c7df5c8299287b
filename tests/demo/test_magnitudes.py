from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.demo.chance import stream
from diagnose.demo.magnitudes import magnitudes

STEPS = range(100, 3001, 100)


def test_figures_are_kept_to_the_last_bit() -> None:
    figures = {600: 0.004, 2400: 0.005605}
    course = magnitudes(figures, 0.0033, STEPS, stream(0, "test"))
    assert all(course[step] == value for step, value in figures.items())


@given(st.lists(st.floats(1e-5, 1e-3), min_size=2, max_size=6), st.integers(0, 99))
def test_growing_figures_give_a_growing_course_within_the_scatter(growth: list[float], seed: int) -> None:
    total, figures = 0.0033, {}
    for number, step in enumerate(growth, start=1):
        total += step
        figures[500 * number] = total
    course = magnitudes(figures, 0.0033, range(50, 500 * len(growth) + 1, 50), stream(seed, "test"))
    for before, after in pairwise(course.values()):
        assert after > before * (1 - 5e-4)
    assert max(course.values()) <= total * (1 + 2e-4)


def test_between_figures_on_a_line_the_course_is_that_line() -> None:
    course = magnitudes({1000: 2.0, 3000: 4.0}, 1.0, STEPS, stream(0, "test"))
    assert all(value == pytest.approx(1 + step / 1000, rel=2.1e-4) for step, value in course.items())


def test_scatter_is_there_and_small() -> None:
    course = magnitudes({3000: 4.0}, 1.0, STEPS, stream(0, "test"))
    misses = [value / (1 + step / 1000) - 1 for step, value in course.items()]
    assert 1e-4 < max(map(abs, misses)) <= 2e-4
    assert min(misses) < 0 < max(misses)

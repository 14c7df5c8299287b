from __future__ import annotations

import math
from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.demo.chance import stream
from diagnose.demo.magnitudes import magnitudes

COUNTS = range(50, 1501, 50)


def test_figures_are_kept_to_the_last_bit() -> None:
    figures = {300: 0.004, 1200: 0.005605}
    course = magnitudes(figures, 0.0033, COUNTS, stream(0, "test"))
    assert all(course[count] == value for count, value in figures.items())


@given(st.lists(st.floats(1e-5, 1e-3), min_size=2, max_size=6), st.integers(0, 99))
def test_between_figures_the_course_wanders_by_a_small_part_of_what_is_learned(growth: list[float], seed: int) -> None:
    total, figures = 0.0033, {}
    for number, step in enumerate(growth, start=1):
        total += step
        figures[250 * number] = total
    course = magnitudes(figures, 0.0033, range(50, 250 * len(growth) + 1, 50), stream(seed, "test"))
    assert all(0.0033 < value < total + 0.02 * (total - 0.0033) for value in course.values())


def test_between_figures_on_a_line_the_course_lies_about_that_line() -> None:
    course = magnitudes({500: 2.0, 1500: 4.0}, 1.0, COUNTS, stream(0, "test"))
    assert all(value == pytest.approx(1 + count / 500, rel=0.015) for count, value in course.items())


def test_the_wander_is_that_of_a_random_walk() -> None:
    ends = [magnitudes({1: 2.0, 2: 2.0}, 1.0, [2, 402], stream(seed, "test"))[402] - 2 for seed in range(300)]
    assert pstdev(ends) == pytest.approx(2e-4 * math.sqrt(400), rel=0.15)


def test_a_count_that_comes_twice_has_one_reading() -> None:
    course = magnitudes({500: 2.0}, 1.0, [100, 100, 101, 200, 200], stream(0, "test"))
    assert list(course) == [100, 101, 200]

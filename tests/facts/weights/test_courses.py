"""Courses of one measure: what runs with the largest value, where it turns, and what it needs."""

from __future__ import annotations

import math

import pytest
from measured import pair

from diagnose.facts.weights.courses import PER_STEPS, Measure, course_of, equals
from diagnose.facts.weights.pairs import Pair


def run(ratios: list[float]) -> list[Pair]:
    return [pair(100 * (at + 1), 0.005 * ratio, 0.005) for at, ratio in enumerate(ratios)]


@pytest.mark.parametrize(
    ("values", "top", "least", "run"),
    [
        ([1.0, 2.0, 1.0], 1, 0.0, (1, 1)),
        ([1.0, 2.0, 1.0], 1, 1.0, (0, 2)),
        ([1.0, 2.0, 1.0], 1, 0.9, (1, 1)),
        ([2.0, 1.0, 1.0], 0, 0.5, (0, 0)),
        ([1.0, 1.0, 2.0], 2, 0.5, (2, 2)),
        ([2.0, 1.5, 2.0], 2, 0.5, (0, 2)),
    ],
)
def test_what_is_as_good_as_the_top_reaches_to_the_first_that_is_not(
    values: list[float], top: int, least: float, run: tuple[int, int]
) -> None:
    assert equals(values, top, least) == run


def test_two_errors_of_scatter_are_as_good() -> None:
    values = [0.0, 0.1, 0.0, 0.1, 0.0, 0.1, 0.0]
    error = 1.4826 * 0.2 / math.sqrt(6)
    assert error * 2 > 0.1
    assert equals(values, 3) == (0, 6)
    for errors, reach in ((2.05, 0), (1.95, 6)):
        assert equals([errors * error, 0.0, 0.1, 0.0, 0.1, 0.0, 0.1], 0) == (0, reach)


def test_growth_is_in_percent_of_the_magnitude_for_each_hundred_steps() -> None:
    course = course_of(Measure.MAGNITUDE, run([1.01**at for at in range(8)]), 5)
    assert course is not None
    assert PER_STEPS == 100
    assert course.relative
    assert course.high.slope == pytest.approx(100 * math.log(1.01))
    assert course.low.slope == pytest.approx(0)
    assert course.gap.slope == pytest.approx(100 * math.log(1.01))
    assert course.turn is None


def test_the_low_noise_expert_takes_off_after_the_largest_gap() -> None:
    course = course_of(
        Measure.MAGNITUDE, run([*[1.02**at for at in range(6)], *[1.02 ** (5 - at) for at in range(1, 7)]]), 6
    )
    assert course is not None
    assert course.turn is not None
    assert (course.turn.step, course.turn.earliest, course.turn.latest) == (600, 500, 700)


def test_a_fall_from_the_first_save_on_turns_there() -> None:
    course = course_of(Measure.MAGNITUDE, run([1.02**-at for at in range(8)]), 5)
    assert course is not None
    assert course.turn is not None
    assert (course.turn.step, course.turn.earliest, course.turn.latest) == (100, 100, 200)


def test_too_few_saves_or_an_unknown_value_have_no_course() -> None:
    assert course_of(Measure.MAGNITUDE, run([1.0, 1.1, 1.2]), 3) is None
    assert course_of(Measure.NORM, run([1.0, 1.1, 1.2, 1.3]), 4) is not None

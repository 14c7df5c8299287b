"""The logarithms of what was measured: what counts, and what is left out."""

from __future__ import annotations

import math
from typing import TypeAlias

import pytest
from made_motion import broken, clip, series_of
from msgspec.structs import replace

from diagnose.motion.levels import MOST_SAVES, level_of, levels_of
from diagnose.motion.measured import STILL_AMOUNT

Rows: TypeAlias = "dict[int, list[float | None]]"


def test_the_level_is_the_logarithm_of_the_amount() -> None:
    assert level_of(clip("a", 0.2)) == pytest.approx(math.log(0.2))


def test_nothing_counts_as_less_than_still() -> None:
    still = math.log(STILL_AMOUNT)
    assert level_of(clip("a", STILL_AMOUNT / 2)) == still
    assert level_of(replace(clip("a", None), still=True)) == still


def test_no_figure_is_no_level() -> None:
    assert level_of(clip("a", None)) is None
    assert level_of(broken("a")) is None


def test_the_baseline_is_no_step() -> None:
    found = levels_of(series_of({0: [0.1, 0.1], 100: [0.2, 0.3], 200: [0.2, None]}))
    assert (found.prompts, found.steps) == ((0, 1), (100, 200))
    assert found.logs == ((math.log(0.2), math.log(0.2)), (math.log(0.3), None))


def test_a_prompt_with_less_than_half_of_the_steps_is_left_out() -> None:
    rows: Rows = {100: [0.2, 0.2, 0.3], 200: [0.2, 0.2, None], 300: [0.2, 0.2, None], 400: [0.2, None, None]}
    assert levels_of(series_of(rows)).prompts == (0, 1)


def test_a_step_with_less_than_half_of_the_prompts_is_left_out() -> None:
    rows: Rows = {100: [0.2, 0.2, 0.3], 200: [0.2, None, 0.3], 300: [0.2, 0.2, 0.2], 400: [0.2, None, None]}
    assert levels_of(series_of(rows)).steps == (100, 200, 300)


def test_of_many_saves_some_are_taken_with_the_first_and_the_last() -> None:
    steps = levels_of(series_of({step: [0.2, 0.3] for step in range(10, 1010, 10)})).steps
    assert (len(steps), steps[0], steps[-1]) == (MOST_SAVES, 10, 1000)


def test_nothing_measured_is_nothing() -> None:
    assert levels_of(series_of({100: [None], 200: [None]})).prompts == ()

"""The courses that are tried measure what they say."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.motion.contrasts import MOST_STARTS, SIDE, Scales, contrasts, sizes
from diagnose.motion.levels import FEWEST_SAVES
from diagnose.motion.noise import Noise, whole


@pytest.mark.parametrize("saves", [FEWEST_SAVES, 7, 30])
def test_each_course_measures_its_own_change_and_no_level(saves: int) -> None:
    tried = contrasts(saves)
    for weights, first, turn, sudden in zip(tried.weights, tried.first, tried.turns, tried.sudden, strict=True):
        after = saves - turn
        course = np.concatenate(
            [np.full(turn, 5.0), 5 - (np.ones(after) if sudden else np.arange(1, after + 1) / after)]
        )
        assert weights @ course == pytest.approx(-1)
        assert weights[:first] == pytest.approx(0)
        assert turn <= saves - SIDE


def test_a_course_begins_at_few_saves_and_turns_at_any() -> None:
    tried = contrasts(40)
    assert len(set(tried.first)) == MOST_STARTS
    assert {turn for turn, first in zip(tried.turns, tried.first, strict=True) if not first} == set(range(1, 39))


@pytest.mark.parametrize("noise", [Noise(0.04, 0.0, 0.0), Noise(0.04, 0.6, 0.0), Noise(0.01, 0.0, 0.02)])
def test_the_standard_error_is_that_of_the_sizes(noise: Noise) -> None:
    layout = whole(8, 16)
    size, error = sizes(layout, Scales.of(layout), layout.constant_runs(noise, 2000, 4))
    assert np.median(error, axis=0) == pytest.approx(size.std(axis=0), rel=0.2)


def test_the_fall_itself_is_no_scatter() -> None:
    layout = whole(8, 16)
    fall = np.where(layout.at[1] >= 8, -2.0, 0.0) + layout.constant_runs(Noise(0.01, 0.0, 0.0), 1, 4)
    size, error = sizes(layout, Scales.of(layout), fall)
    tried = contrasts(16)
    at = next(i for i, turn in enumerate(tried.turns) if turn == 8 and tried.sudden[i] and not tried.first[i])
    assert size[0, at] == pytest.approx(-2, abs=0.1)
    assert error[0, at] < 0.05

"""A change is found where there is one, and where chance could not have made it."""

from __future__ import annotations

import pytest
from made_levels import levels

from diagnose.motion.change import Course, course_of
from diagnose.motion.levels import FEWEST_PROMPTS, FEWEST_SAVES, Levels


def course(given: Levels) -> Course:
    found = course_of(given)
    assert found is not None
    return found


def test_a_fall_is_found_with_its_step_and_size() -> None:
    found = course(levels(4, 12, turn=7, to=0.6))
    assert found.rise is None
    fall = found.fall
    assert fall is not None
    assert (fall.last_before, fall.turned, fall.sudden) == (700, 800, True)
    assert fall.low < 0.6 < fall.high < 1
    assert fall.ratio == pytest.approx(0.6, rel=0.1)


def test_a_slow_fall_goes_on_to_the_end() -> None:
    given = levels(8, 14, sd=0.05)
    sinking = tuple(
        tuple(log - 0.12 * max(0, save - 5) for save, log in enumerate(map(float, filter(None, row))))
        for row in given.logs
    )
    fall = course(Levels(given.prompts, given.steps, sinking)).fall
    assert fall is not None
    assert not fall.sudden
    assert fall.turned in {600, 700, 800}


def test_a_rise_is_none_of_its_falls() -> None:
    found = course(levels(4, 12, turn=4, to=1.8))
    assert found.fall is None
    assert found.rise is not None
    assert found.rise.turned == 500
    assert min(found.equals) >= 500


def test_a_gain_that_is_lost_again_is_a_fall() -> None:
    given = levels(6, 18)
    logs = tuple(
        tuple(float(log or 0) + (0.8 if 4 <= save < 12 else 0) for save, log in enumerate(row)) for row in given.logs
    )
    found = course(Levels(given.prompts, given.steps, logs))
    assert found.fall is not None
    assert found.fall.turned == 1300
    assert 500 <= found.best <= 1200


def test_the_best_save_is_from_before_the_fall() -> None:
    found = course(levels(4, 12, turn=7, to=0.6))
    assert found.best in found.equals
    assert max(found.equals) <= 700
    assert len(found.equals) > 1


def test_few_prompts_or_saves_tell_nothing() -> None:
    assert course_of(levels(FEWEST_PROMPTS - 1, 12, turn=7, to=0.1)) is None
    assert course_of(levels(FEWEST_PROMPTS, FEWEST_SAVES - 1, turn=1, to=0.1)) is None
    assert course_of(levels(FEWEST_PROMPTS, FEWEST_SAVES)) is not None


def test_prompts_that_disagree_show_no_change() -> None:
    up, down = levels(4, 12, turn=6, to=2.0), levels(4, 12, turn=6, to=0.5, seed=2)
    found = course(Levels(tuple(range(8)), up.steps, (*up.logs, *down.logs)))
    assert found.fall is found.rise is None


@pytest.mark.parametrize("near", [0.0, 0.6])
def test_runs_without_a_change_hardly_ever_show_one(near: float) -> None:
    found = [course(levels(4, 8, sd=0.2, seed=seed, near=near)) for seed in range(30)]
    assert sum(bool(each.fall or each.rise) for each in found) <= 1


def test_the_noise_is_that_without_the_change() -> None:
    still, fallen = course(levels(6, 12, sd=0.2)), course(levels(6, 12, sd=0.2, turn=6, to=0.2))
    assert fallen.noise.own + fallen.noise.shared < 1.5 * (still.noise.own + still.noise.shared)


def test_the_same_levels_give_the_same_course() -> None:
    assert course(levels(4, 8)) == course(levels(4, 8))

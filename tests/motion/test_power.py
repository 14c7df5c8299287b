"""The power a run had, and what would give it enough."""

from __future__ import annotations

from made_levels import levels

from diagnose.motion.change import course_of
from diagnose.motion.levels import Levels
from diagnose.motion.power import ENOUGH, FALL, power_of, prompts_to_settle


def of(given: Levels) -> tuple[float, float | None]:
    course = course_of(given)
    assert course is not None
    return power_of(course)


def test_more_noise_is_less_power() -> None:
    shares = [of(levels(4, 12, sd=sd))[0] for sd in (0.05, 0.2, 0.4)]
    assert shares[0] == 1
    assert shares[0] > shares[1] > shares[2]


def test_the_smallest_fall_grows_with_the_noise() -> None:
    small, large = of(levels(4, 12, sd=0.05))[1], of(levels(4, 12, sd=0.4))[1]
    assert small is not None
    assert large is not None
    assert small < FALL < large


def test_the_power_is_how_often_such_falls_are_found() -> None:
    share, _ = of(levels(4, 12, sd=0.2))
    falls = [course_of(levels(4, 12, sd=0.2, turn=6, to=1 - FALL, seed=seed)) for seed in range(40)]
    assert abs(sum(each is not None and each.fall is not None for each in falls) / 40 - share) < 0.3


def test_how_many_prompts_would_settle_it() -> None:
    assert prompts_to_settle(levels(2, 12, sd=0.1)) == 4
    more = prompts_to_settle(levels(4, 12, sd=0.3))
    assert more is not None
    assert more > 4
    assert of(levels(more, 12, sd=0.3))[0] > ENOUGH - 0.2


def test_too_few_saves_tell_no_number() -> None:
    assert prompts_to_settle(levels(2, 3)) is None
    assert prompts_to_settle(levels(4, 12, sd=3.0)) is None

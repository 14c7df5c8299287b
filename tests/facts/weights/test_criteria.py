"""What one kind of evidence says of the saved checkpoints, at its limits."""

from __future__ import annotations

import pytest
from builders import alternating, readings, recorder
from measured import entries, measurement, pair
from msgspec.structs import replace

from diagnose.core.values import Intent, Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.weights import criteria
from diagnose.facts.weights.criteria import Criterion
from diagnose.facts.weights.pairs import Pair
from diagnose.facts.weights.trajectory import Trajectory, record_trajectory
from diagnose.facts.weights.turns import Turns
from diagnose.sources.log_rows import LogRow


def saved(*ratios: float) -> list[Pair]:
    return [pair(100 * (at + 1), 0.005 * ratio, 0.005) for at, ratio in enumerate(ratios)]


def by_ratio(pairs: list[Pair], intent: Intent | None = Intent.MOTION, *, comparable: bool = True) -> list[Criterion]:
    turns = Turns(tuple(pairs))
    followed = record_trajectory(pairs, turns, recorder())
    steps = [each.step for each in pairs]
    return list(criteria.weight_ratio(steps, turns, followed, intent, comparable=comparable))


def test_the_ratio_judges_two_saves_past_the_first_third_and_no_fewer() -> None:
    _, ratio = by_ratio(saved(1.0, 1.1, 1.2))
    assert ratio.judged
    assert (set(ratio.disfavours), set(ratio.unjudged)) == ({200}, {100})
    assert not any(each.judged for each in by_ratio(saved(1.2)))
    assert "fewer than two" in by_ratio(saved(1.2))[0].because


def test_what_the_ratio_should_be_depends_on_the_intent_and_the_network() -> None:
    assert "depends on the intent" in by_ratio(saved(1.0, 1.1, 1.2), None)[1].because
    assert "do not apply" in by_ratio(saved(1.0, 1.1, 1.2), comparable=False)[1].because
    (smallest,) = by_ratio(saved(1.0, 1.1, 1.2), Intent.STYLE)
    assert smallest.disfavours == {300}
    assert "smallest there, 1.10" in smallest.because


def test_without_a_trend_growth_decides_nothing() -> None:
    assert by_ratio(saved(1.0, 1.1, 1.2))[0].because == "too few checkpoints for a trend"


def test_high_noise_weights_that_gain_to_the_end_leave_every_save() -> None:
    growth = by_ratio(saved(*[1 + 0.01 * at for at in range(12)]))[0]
    assert (growth.judged, growth.because) == (False, "the high-noise weights gain to the end")


def test_after_the_low_noise_expert_took_off_saves_are_left_out() -> None:
    pairs = saved(*[1 + 0.02 * at for at in range(10)], *[1.18 - 0.02 * at for at in range(1, 11)])
    turns = Turns(tuple(pairs))
    followed = record_trajectory(pairs, turns, recorder())
    assert isinstance(followed, Trajectory)
    turn = followed.courses[0].turn
    assert turn is not None
    growth = by_ratio(pairs)[0]
    assert growth.disfavours == {each.step for each in pairs if each.step > turn.latest}


def noisy(level: float, at: int) -> float:
    return level + (0.01 if at % 2 else -0.01)


def logged(levels: list[float], per: int = 100) -> Series:
    """A log of the high-noise expert in which each hundred batches have a level of their own."""
    rows = [
        LogRow(100 * block + at, 1, loss=noisy(level, at), expert=Expert.HIGH)
        for block, level in enumerate(levels)
        for at in range(per)
    ]
    found = build_series(readings(metrics=rows))
    assert found is not None
    return found


def test_a_save_before_which_the_loss_is_certainly_higher_is_worse() -> None:
    found = criteria.losses([100, 200, 300], logged([0.2, 0.1, 0.1]), Expert.HIGH)
    assert (set(found.disfavours), found.judged) == ({100}, True)
    assert "0.1000 at its lowest" in found.because
    assert criteria.losses([100, 200], logged([0.1, 0.1]), Expert.HIGH).judged is False


def test_a_mean_needs_a_hundred_batches_of_the_experts_own() -> None:
    short = criteria.losses([100, 200], logged([0.2, 0.1], per=99), Expert.HIGH)
    assert (short.judged, short.disfavours) == (False, frozenset())
    assert criteria.losses([100], logged([0.2, 0.1]), Expert.HIGH).judged is False
    assert criteria.losses([100, 200], logged([0.2, 0.1]), Expert.HIGH).judged is True
    early = criteria.losses([50, 100, 200], logged([0.2, 0.1]), Expert.HIGH)
    assert early.unjudged == {50}
    assert criteria.losses([100, 200], None, Expert.HIGH).judged is False


@pytest.mark.parametrize(("errors", "judged"), [(1.60, False), (1.69, True)])
def test_one_comparison_may_err_once_in_twenty_times(errors: float, judged: bool) -> None:
    # a mean of a hundred losses 0.01 to either side errs by 0.01005 / 10; of the difference by sqrt(2) of that
    error = 0.02 / 2 * (100 / 99) ** 0.5 / 10 * 2**0.5
    found = criteria.losses([100, 200], logged([0.1 + errors * error, 0.1]), Expert.HIGH)
    assert found.judged is judged


@pytest.mark.parametrize(("errors", "judged"), [(2.10, False), (2.17, True)])
def test_of_three_comparisons_each_may_err_a_third_as_often(errors: float, judged: bool) -> None:
    error = 0.02 / 2 * (100 / 99) ** 0.5 / 10 * 2**0.5
    found = criteria.losses([100, 200, 300], logged([0.1 + errors * error, 0.1, 0.1]), Expert.HIGH)
    assert found.judged is judged


def test_the_largest_weights_are_shown_and_decide_nothing() -> None:
    found = criteria.strength(saved(1.0, 1.2, 1.1), comparable=True)
    assert (set(found.disfavours), found.decides, found.judged) == ({100, 300}, False, True)
    assert criteria.strength(saved(1.0, 1.2, 1.1), comparable=False).judged is False
    assert criteria.strength(saved(1.0), comparable=True).judged is False


def test_nan_in_either_expert_speaks_against_a_save() -> None:
    broken = measurement(Expert.LOW, 0.005, up=replace(entries(0.005), non_finite=3))
    first, second = saved(1.0, 1.1)
    found = criteria.finite([replace(first, experts={**first.experts, Expert.LOW: broken}), second])
    assert (set(found.disfavours), found.useless) == ({100}, True)
    assert criteria.finite([second]).judged is False


def test_a_save_has_learned_nothing_where_neither_expert_has() -> None:
    first, second = saved(1.0, 1.1)
    share = first.experts[Expert.HIGH].learned_share
    assert share is not None
    low = first.experts[Expert.LOW].learned_share
    assert low is not None
    least = max(share, low)
    assert criteria.learned([first], least).disfavours == frozenset()
    found = criteria.learned([first, second], 2 * least)
    assert found.because == "no save has learned anything"
    nothing = replace(
        first,
        experts={e: replace(m, modules=(replace(m.modules[0], update_norm=0.0),)) for e, m in first.experts.items()},
    )
    assert criteria.learned([nothing, second], least / 2).because == "1 of 2 saves have learned nothing yet"


def lost_from(*losses: float) -> frozenset[int]:
    series = build_series(
        readings(metrics=[LogRow(s, s + 1, loss=loss, expert=Expert.HIGH) for s, loss in enumerate(losses)])
    )
    return criteria.before_nan(list(range(len(losses))), series).disfavours


def test_five_nan_more_than_others_lose_what_follows() -> None:
    assert lost_from(*[0.1] * 3, *[0.0] * 5) == {4, 5, 6, 7}
    assert lost_from(*[0.1] * 3, *[0.0] * 4) == frozenset()
    assert lost_from(*[0.0] * 6, 0.1) == {1, 2, 3, 4, 5, 6}
    assert lost_from(*[0.0] * 5, 0.1) == frozenset()
    assert criteria.before_nan([1], None).judged is False


def test_a_save_without_an_expert_that_others_have_is_half_a_save() -> None:
    first, second = saved(1.0, 1.1)
    half = replace(first, experts={Expert.HIGH: first.experts[Expert.HIGH]})
    assert criteria.whole([half, second]).disfavours == {100}
    assert criteria.whole([half]).judged is False


def test_a_save_at_the_last_good_step_is_in_time() -> None:
    assert criteria.in_time([100, 101], 100).disfavours == {101}
    assert criteria.in_time([100], None).judged is False


def falling(after: float, at: int = 50) -> Series:
    rows = alternating(100, 10, lambda s, e: LogRow(s, s + 1, loss=0.1, expert=e, lr_shared=1.0 if s < at else after))
    found = build_series(readings(metrics=rows))
    assert found is not None
    return found


def resumed(step: int) -> list[Place]:
    return [Place("stdout.log", step=step)]


@pytest.mark.parametrize(("after", "lost"), [(0.8, False), (0.79, True)])
def test_a_rate_that_falls_by_a_fifth_was_lost(after: float, lost: bool) -> None:
    found = criteria.resumes([60, 70], resumed(50), falling(after, at=51), 20)
    assert found.disfavours == ({60} if lost else frozenset())


def test_a_save_that_comes_late_had_time_to_recover() -> None:
    for every, lost in ((20, {70}), (19, set()), (None, {70})):
        assert criteria.resumes([50, 70], resumed(50), falling(0.5, at=51), every).disfavours == lost, every
    assert criteria.resumes([40], resumed(50), falling(0.5, at=51), None).disfavours == frozenset()


def test_without_a_resume_or_a_rate_nothing_is_said() -> None:
    assert "unknown" in criteria.resumes([60], None, falling(0.5), 20).because
    assert criteria.resumes([60], [], falling(0.5), 20).because == "no save follows a resume"
    bare = build_series(readings(metrics=[LogRow(0, 1, loss=0.1)]))
    for series in (None, bare):
        assert "no learning rates" in criteria.resumes([60], resumed(50), series, 20).because


def test_two_saves_have_a_largest() -> None:
    assert criteria.strength(saved(1.0, 1.2), comparable=True).disfavours == {100}


def test_a_save_at_the_very_next_step_follows_a_resume() -> None:
    assert criteria.resumes([50, 51], resumed(50), falling(0.5, at=51), 20).disfavours == {51}


def test_the_row_of_the_resume_itself_is_neither_before_nor_after() -> None:
    rows = [LogRow(s, s + 1, loss=0.1, lr_shared={49: 1.0, 50: 0.1, 51: 0.5}.get(s, 1.0)) for s in range(60)]
    series = build_series(readings(metrics=rows))
    assert criteria.resumes([60], resumed(50), series, 20).disfavours == {60}

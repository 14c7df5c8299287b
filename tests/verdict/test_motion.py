"""The motion of a run step by step: medians, and each step against the first that has figures."""

from __future__ import annotations

import math

import pytest
from made_motion import broken, clip, series_of
from msgspec.structs import replace

from diagnose.motion.measured import STILL_AMOUNT
from diagnose.motion.series import MotionSeries, Point, PromptSeries
from diagnose.verdict.motion import table_of


def test_each_step_is_held_against_the_model_without_the_lora() -> None:
    found = table_of(series_of({0: (0.2, 0.4), 100: (0.1, 0.2), 200: (0.1, 0.4)}))
    assert found.against == 0
    first, second, third = found.steps
    assert first.amount == pytest.approx(0.3)
    assert first.ratio is None
    for each in (second.ratio, second.low, second.high):
        assert each == pytest.approx(0.5)
    assert third.ratio == pytest.approx(math.sqrt(0.5))
    assert third.low is not None
    assert third.high is not None
    assert third.low < 0.11, "two prompts that disagree say hardly anything"
    assert third.low * third.high == pytest.approx(0.5)


def test_one_prompt_has_no_band() -> None:
    (_, last) = table_of(series_of({0: (0.2,), 100: (0.1,)})).steps
    assert last.ratio == pytest.approx(0.5)
    assert (last.low, last.high) == (None, None)


def test_without_a_baseline_the_first_step_is_the_measure() -> None:
    found = table_of(series_of({100: (0.2, 0.2), 200: (0.1, 0.1)}))
    assert found.against == 100
    assert [each.ratio for each in found.steps] == [None, pytest.approx(0.5)]


@pytest.mark.parametrize(("measured", "against"), [(2, 0), (1, 100)])
def test_a_step_of_which_less_than_half_has_figures_is_no_measure(measured: int, against: int) -> None:
    first = [0.2 if index < measured else None for index in range(4)]
    assert table_of(series_of({0: first, 100: (0.2,) * 4})).against == against


def test_a_prompt_counts_where_it_has_figures_at_both_steps() -> None:
    (_, last) = table_of(series_of({0: (0.2, None, 0.2), 100: (0.1, 0.1, 0.1)})).steps
    assert (last.prompts, last.previews) == (3, 3)
    assert last.ratio == pytest.approx(0.5)


def test_a_still_counts_as_the_least_that_is_told_from_still() -> None:
    (_, last) = table_of(series_of({0: (0.2, 0.2), 100: (0.0, 0.0)})).steps
    assert last.ratio == pytest.approx(STILL_AMOUNT / 0.2)


def test_what_cannot_be_trusted_has_no_figure() -> None:
    found = table_of(series_of({0: (None, None), 100: (None, None)}))
    assert (found.measured, found.against) == (False, None)
    assert [(each.prompts, each.amount, each.trust) for each in found.steps] == [(0, None, 0.15)] * 2


def test_what_could_not_be_measured_is_named() -> None:
    bad = broken("samples/1__000000100_0.webp")
    whole = series_of({0: (0.2,)})
    (own,) = whole.prompts
    found = table_of(replace(whole, prompts=(replace(own, points=(Point(100, bad.file, bad),)),)))
    assert found.unmeasured == (bad,)
    assert [(each.previews, each.prompts, each.trust) for each in found.steps] == [(1, 1, 0.9), (1, 0, None)]


def test_the_clips_give_their_median() -> None:
    clips = tuple(clip(f"{index}.mp4", amount) for index, amount in enumerate((0.1, 0.3, 0.8, None)))
    assert table_of(replace(series_of({0: (0.2,)}), clips=clips)).clip_amount == pytest.approx(0.3)
    assert table_of(series_of({0: (0.2,)})).clip_amount is None


def test_nothing_gives_an_empty_table() -> None:
    found = table_of(MotionSeries())
    assert (found.steps, found.against, found.measured, found.unmeasured) == ((), None, False, ())
    assert PromptSeries(0).every_point == ()

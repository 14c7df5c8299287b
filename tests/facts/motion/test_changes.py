"""What the previews of a run say of a change of its motion, and what they cannot say."""

from __future__ import annotations

import pytest
from builders import value
from previewed import amounts, previewed, shown

from diagnose.core.values import Place
from diagnose.motion.series import MotionSeries


def test_a_fall_is_told_with_its_step_its_size_and_the_best_step() -> None:
    _, record = previewed(shown(amounts(lambda save: 0.6 if save >= 7 else 1.0)))
    assert value(record, "motion.degraded") is True
    assert value(record, "motion.consistent") is False
    assert value(record, "motion.inconclusive") is False
    assert value(record, "motion.turned_at") == 800
    assert value(record, "motion.way") == "at once"
    assert value(record, "motion.change_low") < 0.6 < value(record, "motion.change_high")
    assert value(record, "motion.change") == pytest.approx(0.6, rel=0.1)
    assert value(record, "motion.best_step") <= 700
    assert "800" not in value(record, "motion.best_equals")
    assert value(record, "motion.prompts") == 5
    assert value(record, "motion.power") == 10
    assert value(record, "motion.smallest_fall") <= 0.3


def test_the_evidence_is_the_previews_on_both_sides() -> None:
    _, record = previewed(shown(amounts(lambda save: 0.6 if save >= 7 else 1.0)))
    places = record.places("motion.turned_at")
    assert places is not None
    assert {place.step for place in places} == {700, 800}
    assert len(places) == 10
    assert isinstance(places[0], Place)
    assert "000000700_0.webp" in places[0].file


def test_coarse_movement_is_held_against_what_it_was() -> None:
    _, record = previewed(shown(amounts(lambda save: 0.5 if save >= 6 else 1.0)))
    assert value(record, "motion.coarse_change") == pytest.approx(0.5, rel=0.1)


def test_a_level_that_keeps_is_told_with_the_power_it_took() -> None:
    _, record = previewed(shown(amounts(lambda _: 1.0)))
    assert value(record, "motion.degraded") is False
    assert value(record, "motion.consistent") is True
    assert value(record, "motion.turned_at") is None
    assert value(record, "motion.change") is None
    assert value(record, "motion.power") >= 8


def test_a_rise_is_no_fall_and_no_level() -> None:
    _, record = previewed(shown(amounts(lambda save: 1.8 if save >= 4 else 1.0)))
    assert value(record, "motion.degraded") is False
    assert value(record, "motion.consistent") is False
    assert value(record, "motion.turned_at") == 500


def test_scatter_leaves_it_open_with_the_power_there_was() -> None:
    _, record = previewed(shown(amounts(lambda _: 1.0, prompts=4, scatter=0.5)))
    assert value(record, "motion.inconclusive") is True
    assert value(record, "motion.degraded") is None
    assert value(record, "motion.consistent") is None
    assert value(record, "motion.best_step") is None
    assert value(record, "motion.power") < 8


def test_three_prompts_are_too_few_whatever_they_show() -> None:
    _, record = previewed(shown(amounts(lambda save: 0.2 if save >= 7 else 1.0, prompts=3)))
    assert value(record, "motion.inconclusive") is True
    assert value(record, "motion.degraded") is None
    assert value(record, "motion.power") is None


def test_how_many_prompts_would_settle_it() -> None:
    _, record = previewed(shown(amounts(lambda _: 1.0, prompts=2)))
    assert value(record, "motion.prompts_to_settle") == 4


@pytest.mark.parametrize("series", [None, MotionSeries(), shown({0: [0.2] * 4, 100: [0.2] * 4}),
                                    shown({step: [None] * 4 for step in range(0, 600, 100)})])  # fmt: skip
def test_without_two_steps_that_compare_nothing_is_said(series: MotionSeries | None) -> None:
    _, record = previewed(series)
    assert value(record, "motion.comparable") is False
    names = {fact.name for fact in record.facts() if fact.name.startswith("motion.") and fact.known}
    assert names - {"motion.broke"} == {"motion.comparable"}

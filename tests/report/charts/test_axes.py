"""Where values lie on the paper, and what is written beside an axis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.report.charts.axes import MOST_TICKS, over, steps

NUMBERS = st.floats(1e-12, 1e12)


def test_the_axis_has_room_for_every_value_and_runs_its_way() -> None:
    axis = over([2.0, 4.0], 200, 20)
    assert 200 > axis.at(2.0) > axis.at(3.0) > axis.at(4.0) > 20
    assert axis.at(-99) == 200
    assert axis.at(99) == 20


def test_values_far_apart_are_drawn_by_their_logarithm_only_where_that_is_asked_for() -> None:
    assert over([1e-5, 1e20], 0, 100, wide=True).by_logarithm
    assert not over([1e-5, 1e20], 0, 100).by_logarithm
    assert not over([1.0, 30.0], 0, 100, wide=True).by_logarithm
    axis = over([1e-5, 1e-3, 1e-1], 0, 100, wide=True)
    assert axis.at(1e-3) == pytest.approx(50)
    assert [words for _, words in over([1e-5, 0.02], 0, 100, wide=True).ticks] == ["1e-5", "1e-4", "0.001", "0.01"]


def test_one_value_and_zero_have_an_axis() -> None:
    assert over([0.0], 0, 100).at(0.0) < 100
    assert over([5.0, 5.0], 0, 100).low < 5 < over([5.0, 5.0], 0, 100).high
    assert steps([40], 0, 100).at(40) == 0
    assert [words for _, words in steps([40, 42], 0, 100).ticks] == ["40", "41", "42"]
    assert over([3.0, 4.0], 0, 100, zero=True).low == 0.0
    assert over([-3.0, 4.0], 0, 100, zero=True).low == -3.0


@given(NUMBERS, NUMBERS)
def test_ticks_are_few_round_and_within(one: float, other: float) -> None:
    axis = over([one, other], 0, 100, wide=True)
    found = axis.ticks
    assert len(found) <= MOST_TICKS + 2
    for value, words in found:
        assert axis.low * 0.999 - 1e-9 <= value <= axis.high * 1.001 + 1e-9
        assert len(words) <= 9


def test_steps_are_written_whole() -> None:
    assert [words for _, words in steps([0, 3000], 0, 100).ticks] == ["0", "1000", "2000", "3000"]

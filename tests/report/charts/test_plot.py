"""A plot: every point is drawn, and every step can be asked for its values."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.report.charts.plot import (
    HEIGHT,
    LEFT,
    MOST_TICKS,
    RIGHT,
    Area,
    Curve,
    Plot,
    Range,
    Reading,
    draw,
    over,
    steps,
)
from diagnose.report.charts.svg import WIDTH

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


HIGH = Curve("high noise", "e0", ((0, 1.0), (100, 2.0), (200, 3.0)), dots=True, hollow=frozenset({100}))
LOW = Curve("low noise", "e1", ((0, 0.5), (200, 0.7)), dashed=True)
READINGS = tuple(Reading(step, (("e0", f"high noise {step}"),)) for step in (0, 100, 200))
PLOT = Plot("Loss <of> it", (HIGH, LOW), READINGS)


def found(plot: Plot, name: str, look: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(draw(plot)).iter(name) if each.get("class") == look]  # noqa: S314 - our own


def test_every_curve_is_drawn_with_its_look() -> None:
    assert len(found(PLOT, "path", "curve e0")) == len(found(PLOT, "path", "curve e1 dashed")) == 1
    assert len(found(PLOT, "circle", "dot e0 hollow")) == 1
    assert ET.fromstring(draw(PLOT)).get("aria-label") == "Loss <of> it"  # noqa: S314 - our own


def test_the_columns_of_the_steps_cover_the_plot_without_gaps() -> None:
    columns = [group[0] for group in found(PLOT, "g", "hit")]
    assert len(columns) == 3
    edges = [(float(c.get("x", "")), float(c.get("x", "")) + float(c.get("width", ""))) for c in columns]
    assert edges[0][0] == LEFT
    assert edges[-1][1] == WIDTH - RIGHT
    assert all(abs(left[1] - right[0]) < 0.2 for left, right in pairwise(edges))


def test_a_column_says_step_and_values_and_marks_the_points_that_are_there() -> None:
    first, middle, _ = found(PLOT, "g", "hit")
    assert "".join(middle.itertext()) == "step 100high noise 100"
    assert len(list(first.iter("circle"))) == 2
    assert len(list(middle.iter("circle"))) == 1


def test_a_single_point_is_a_dot() -> None:
    plot = replace(PLOT, curves=(Curve("x", "one", ((40, 1.0),)),), readings=())
    assert len(found(plot, "circle", "dot one")) == 1


def test_ranges_lie_where_their_values_are_and_their_names_do_not_meet() -> None:
    ranges = (
        Range("target", "goal", 2.5, 2.75, upright=False),
        Range("keep", "keep", 100, 200),
        Range("turn", "turn", 90, 200),
    )
    plot = replace(PLOT, ranges=ranges)
    goal, keep, turn = (found(plot, "g", look)[0] for look in ("goal", "keep", "turn"))
    assert 0 < float(goal[0].get("y", "")) < HEIGHT / 2
    assert float(keep[0].get("x", "")) > WIDTH / 2
    assert keep[1].get("y") != turn[1].get("y")


def test_an_area_goes_there_and_back() -> None:
    plot = replace(PLOT, areas=(Area("e0", ((0, 0.5, 1.5), (200, 1.0, 3.5))),))
    area = found(plot, "path", "area e0")[0].get("d", "")
    assert len(re.findall(r"[ML]", area)) == 4
    assert area.endswith("Z")


def test_no_style_stands_in_the_drawing() -> None:
    assert "style=" not in draw(PLOT)

import math
import random
from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.trend import MOST_POINTS, Trend, block_means, drift, points_to_settle, scatter, student, theil_sen

finite = st.floats(-1e3, 1e3)


def test_a_straight_line_is_found_with_no_band() -> None:
    trend = theil_sen([0, 1, 2, 3, 4], [1, 3, 5, 7, 9])
    assert trend is not None
    assert (trend.slope, trend.low, trend.high, trend.points) == (2, 2, 2, 5)
    assert trend.certain


def test_one_wild_point_does_not_turn_the_trend() -> None:
    trend = theil_sen(list(range(10)), [0, 1, 2, 3, 400, 5, 6, 7, 8, 9])
    assert trend is not None
    assert trend.slope == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("xs", [[], [1], [1, 2, 3], [1, 1, 1, 1, 2]])
def test_too_few_points_give_nothing(xs: list[float]) -> None:
    assert theil_sen(xs, xs) is None


def test_pure_scatter_is_inconclusive_about_as_often_as_promised() -> None:
    draw = random.Random(7)
    verdicts = []
    for _ in range(400):
        trend = theil_sen(list(range(12)), [draw.gauss(0, 1) for _ in range(12)])
        assert trend is not None
        verdicts.append(trend.certain)
    assert sum(verdicts) / len(verdicts) < 0.14, "a 90 % band excludes zero by chance one time in ten"


@given(st.lists(finite, min_size=4, max_size=30), st.floats(-5, 5), st.floats(0.1, 10))
def test_band_holds_the_slope_and_moves_with_the_data(ys: list[float], tilt: float, stretch: float) -> None:
    xs = [float(i) for i in range(len(ys))]
    trend = theil_sen(xs, ys)
    tilted = theil_sen(xs, [stretch * y + tilt * x for x, y in zip(xs, ys, strict=True)])
    assert trend is not None
    assert tilted is not None
    assert trend.low <= trend.slope <= trend.high
    assert math.isclose(tilted.slope, stretch * trend.slope + tilt, rel_tol=1e-6, abs_tol=1e-6)


@given(st.lists(finite, max_size=60), st.integers(1, 20))
def test_blocks_keep_the_mean_when_they_are_equal(values: list[float], blocks: int) -> None:
    means = block_means(values, blocks)
    assert len(means) == min(blocks, len(values))
    if values and len(values) % len(means) == 0:
        assert sum(means) / len(means) == pytest.approx(sum(values) / len(values), abs=1e-6)


def test_scatter_is_seen_through_a_smooth_course() -> None:
    draw = random.Random(5)
    noisy = [math.sin(i / 40) + draw.gauss(0, 0.01) for i in range(300)]
    found = scatter(noisy)
    assert found is not None
    assert found == pytest.approx(0.01, rel=0.4)
    assert scatter([1, 2, 3, 4, 5]) is None
    assert scatter([0, 1, 2, 3, 4, 5]) == 0


def wandering(draw: random.Random, count: int) -> list[float]:
    return list(accumulate(draw.gauss(0.3, 1) for _ in range(count)))


def scattered(draw: random.Random, count: int) -> list[float]:
    return [0.3 * index + draw.gauss(0, 1) for index in range(count)]


@pytest.mark.parametrize("count", [4, 7, 12, 30])
@pytest.mark.parametrize(("course", "most"), [(wandering, 0.92), (scattered, 1.0)])
def test_the_band_of_a_drift_holds_it_as_often_as_promised(
    course: Callable[[random.Random, int], list[float]], most: float, count: int
) -> None:
    draw, held = random.Random(count), 0
    for _ in range(2000):
        trend = drift([float(i) for i in range(count)], course(draw, count))
        assert trend is not None
        held += trend.low <= 0.3 <= trend.high
    assert 0.87 <= held / 2000 <= most


def test_where_values_wander_a_band_of_scatter_holds_the_drift_less_than_every_second_time() -> None:
    draw, held = random.Random(7), 0
    for _ in range(1000):
        trend = theil_sen([float(i) for i in range(7)], wandering(draw, 7))
        assert trend is not None
        held += trend.low <= 0.3 <= trend.high
    assert held / 1000 < 0.5, "which is why weights are judged by `drift`"


def test_turns_of_the_experts_hardly_widen_the_band() -> None:
    course = [5 * index + (3 if index % 2 else 0) for index in range(9)]
    trend = drift([float(i) for i in range(9)], course)
    assert trend is not None
    assert trend.slope == 5
    assert trend.high - trend.low < 3


@given(
    st.lists(finite, min_size=4, max_size=30),
    st.floats(-5, 5),
    st.floats(0.1, 10),
    st.lists(st.floats(0.5, 3), min_size=30, max_size=30),
)
def test_a_drift_moves_with_the_data_and_the_steps(
    ys: list[float], tilt: float, stretch: float, gaps: list[float]
) -> None:
    xs = list(accumulate(gaps[: len(ys)]))
    trend = drift(xs, ys)
    tilted = drift([2 * x for x in xs], [stretch * y + tilt * x for x, y in zip(xs, ys, strict=True)])
    assert trend is not None
    assert tilted is not None
    assert trend.low <= trend.slope <= trend.high
    assert math.isclose(2 * tilted.slope, stretch * trend.slope + tilt, rel_tol=1e-6, abs_tol=1e-6)
    assert math.isclose(2 * (tilted.high - tilted.low), stretch * (trend.high - trend.low), rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_than_four_values_have_no_drift(count: int) -> None:
    assert drift([float(i) for i in range(count)], [1.0] * count) is None


@pytest.mark.parametrize(("freedom", "expected"), [(2, 2.920), (3, 2.353), (5, 2.015), (10, 1.812), (30, 1.697)])
def test_students_t_as_printed_in_tables(freedom: int, expected: float) -> None:
    assert student(freedom) == pytest.approx(expected, rel=0.02 if freedom == 2 else 0.003)


def test_what_is_certain_is_settled_and_a_level_course_never_is() -> None:
    assert points_to_settle(Trend(1.0, 0.5, 1.5, 7)) == 0
    assert points_to_settle(Trend(0.0, -0.5, 0.5, 7)) == MOST_POINTS


@given(st.floats(0.05, 3), st.integers(4, 30))
def test_so_many_more_points_make_the_trend_certain_and_one_fewer_does_not(share: float, points: int) -> None:
    trend = Trend(share, share - 1, share + 1, points)
    more = points_to_settle(trend)
    assert trend.certain == (more == 0) or share == 1
    rises = points - 1

    def half(extra: int) -> float:
        return student(rises + extra - 1) / math.sqrt(rises + extra) * math.sqrt(rises) / student(rises - 1)

    assert more == MOST_POINTS or half(more) < share
    assert more == 0 or half(more - 1) >= share * (1 - 1e-12)  # at a share of 1 it is rounding that decides


@pytest.mark.parametrize("more", [0, 3, 10])
@pytest.mark.parametrize(("course", "most"), [(wandering, 0.93), (scattered, 1.0)])
def test_earlier_values_help_to_tell_the_scatter_of_the_last_rises(
    course: Callable[[random.Random, int], list[float]], most: float, more: int
) -> None:
    draw, held, width = random.Random(more), 0, 0.0
    count = 5 + more
    for _ in range(2000):
        trend = drift([float(i) for i in range(count)], course(draw, count), 5)
        assert trend is not None
        assert trend.points == 5
        held += trend.low <= 0.3 <= trend.high
        width += trend.high - trend.low
    assert 0.87 <= held / 2000 <= most


def test_a_drift_that_changes_steadily_is_no_scatter() -> None:
    xs = [float(i) for i in range(15)]
    trend = drift(xs, [0.2 * x**2 for x in xs], 5)
    assert trend is not None
    assert trend.high - trend.low == pytest.approx(0, abs=1e-9)


def test_uneven_distances_are_no_scatter_either() -> None:
    xs = [float(i) for i in range(22) if i % 3]
    trend = drift(xs, [0.5 * x for x in xs], 5)
    assert trend is not None
    assert trend.slope == pytest.approx(0.5)
    assert trend.high - trend.low == pytest.approx(0, abs=1e-9)

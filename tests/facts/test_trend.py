import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.trend import block_means, scatter, theil_sen

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

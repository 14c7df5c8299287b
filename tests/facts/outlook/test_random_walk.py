from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.outlook.random_walk import Crowd


def walked(start: int, last: int, up: float, steps: int) -> float:
    """The mean of a walk on 0, 1, ... `last` that stays where it would pass an end, position by position."""
    shares = {start: 1.0}
    for _ in range(steps):
        moved: dict[int, float] = {}
        for position, share in shares.items():
            for target, part in ((min(position + 1, last), up), (max(position - 1, 0), 1 - up)):
                moved[target] = moved.get(target, 0.0) + share * part
        shares = moved
    return sum(position * share for position, share in shares.items())


def crowd(spots: Mapping[float, float], last: float, cells: int) -> Crowd:
    return Crowd(spots, lowest=0, highest=last, stride=1, cells=cells)


@given(last=st.integers(1, 12), place=st.floats(0, 1), up=st.floats(0, 1), steps=st.integers(0, 40))
def test_one_cell_per_stride_is_the_walk_itself(last: int, place: float, up: float, steps: int) -> None:
    start = round(place * last)
    walkers = crowd({start: 1.0}, last, last + 1)
    pace = walkers.pace(1, 2 * up - 1, 4 * up * (1 - up))
    assert (pace.steps, pace.up) == pytest.approx((1, up))
    walkers.advance(pace, steps)
    assert walkers.mean == pytest.approx(walked(start, last, up, steps), abs=1e-9)


@pytest.mark.parametrize("up", [0.3, 0.45, 0.5, 0.55, 0.7, 0.95])
@pytest.mark.parametrize("start", [0, 5, 60])
def test_wider_cells_come_close(up: float, start: int) -> None:
    walkers = crowd({start: 1.0}, 60, 25)
    pace = walkers.pace(1, 2 * up - 1, 4 * up * (1 - up))
    done = 0.0
    while done < 400:
        walkers.advance(pace, 1)
        done += pace.steps
    assert walkers.mean == pytest.approx(walked(start, 60, up, round(done)), abs=0.7 * walkers.cell)


def test_away_from_the_walls_the_mean_is_exact() -> None:
    walkers = crowd({500.0: 1.0}, 1000, 90)
    pace = walkers.pace(1, 0.2, 1.3)
    walkers.advance(pace, 3)
    assert walkers.mean == pytest.approx(500 + 0.2 * 3 * pace.steps)


@given(
    spots=st.lists(st.floats(0, 30), min_size=1, max_size=4),
    cells=st.integers(2, 31),
    drift=st.floats(-1, 1),
    advances=st.integers(0, 60),
)
def test_the_mean_stays_between_the_walls(spots: list[float], cells: int, drift: float, advances: int) -> None:
    walkers = crowd({spot: 1 / len(set(spots)) for spot in spots}, 30, cells)
    pace = walkers.pace(1, drift, 1 - drift**2)
    walkers.advance(pace, advances)
    assert -1e-9 <= walkers.mean <= 30 + 1e-9


@given(drift=st.floats(-0.9, 0.9), scatter=st.floats(0.1, 2), cells=st.integers(10, 200))
def test_an_advance_has_the_mean_and_the_mean_square_of_its_steps(drift: float, scatter: float, cells: int) -> None:
    walkers = crowd({500.0: 1.0}, 1000, cells)
    pace = walkers.pace(1, drift, scatter)
    assert walkers.cell * (2 * pace.up - 1) == pytest.approx(pace.steps * drift, abs=1e-6)
    assert walkers.cell**2 == pytest.approx(pace.steps * scatter + (pace.steps * drift) ** 2)
    assert 0 <= pace.up <= 1

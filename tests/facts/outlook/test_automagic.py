from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import pytest
from automagic_simulation import Gradients, simulate
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.outlook import automagic
from diagnose.facts.outlook.automagic import (
    SHARES,
    WORK,
    WalkSettings,
    agreement_shares,
    mean_rates,
    outgrows_storage,
)
from diagnose.facts.outlook.random_walk import Crowd, Pace

HIGH = WalkSettings(start=1e-5, bump=2e-5, floor=2e-5, ceiling=5e-4)
LOW = WalkSettings(start=1e-5, bump=5e-6, floor=8e-6, ceiling=3e-4)
DEFAULTS = WalkSettings(start=1e-5, bump=1e-6, floor=1e-7, ceiling=1e-3)
MOVES = (1, 2, 10, 60, 200)
AGREEMENTS = (0.45, 0.486, 0.5, 0.55, 0.7)

rates = st.floats(1e-7, 1e-3)


@pytest.mark.parametrize(
    ("walk", "agreement"), [*((LOW, agreement) for agreement in AGREEMENTS), (HIGH, 0.486), (HIGH, 0.7)]
)
def test_the_mean_is_that_of_the_simulated_optimizer(walk: WalkSettings, agreement: float) -> None:
    simulated = simulate(walk, agreement, MOVES[-1], turn=20, elements=2500)
    expected = [simulated[count] for count in MOVES]
    assert mean_rates(walk, agreement, MOVES) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_the_simulated_gradients_agree_as_often_as_asked(agreement: float) -> None:
    gradients = Gradients.agreeing(agreement, 4000, seed=3)
    signs = [gradients.draw() > 0 for _ in range(30)]
    found = fmean((a == b).double().mean().item() for a, b in pairwise(signs))
    assert found == pytest.approx(agreement, abs=0.004)


def test_the_first_move_takes_three_quarters_up() -> None:
    """The figures of the real trainer's first logged step, both experts at a start of 1e-5."""
    high = WalkSettings(1e-5, 1e-5, 1e-5, 3e-4)
    assert mean_rates(high, 0.7, [0, 1]) == pytest.approx([1e-5, 1.75e-5])
    assert mean_rates(LOW, 0.7, [1]) == pytest.approx([1.325e-5])


def test_more_agreement_means_higher_rates() -> None:
    means = [mean_rates(LOW, agreement, [200])[0] for agreement in (0, 0.3, 0.45, 0.486, 0.5, 0.52, 0.6, 0.8, 1)]
    assert means == sorted(means)
    assert means[0] < 1.2 * LOW.floor
    assert means[-1] == pytest.approx(LOW.ceiling, rel=0.01)


def test_at_chance_the_mean_settles_half_way_between_the_walls() -> None:
    assert mean_rates(HIGH, 0.5, [20_000])[0] == pytest.approx((HIGH.floor + HIGH.ceiling) / 2, rel=0.02)


@pytest.mark.parametrize(("walk", "agreement"), [(HIGH, 0.7), (LOW, 0.3), (HIGH, 0.55)])
def test_a_walk_that_has_settled_stays(walk: WalkSettings, agreement: float) -> None:
    settled, later = mean_rates(walk, agreement, [20_000, 10**9])
    assert settled == pytest.approx(later, rel=1e-9)
    assert mean_rates(walk, agreement, [20_000]) == pytest.approx([settled], rel=0.01), "whatever the cells"


@pytest.mark.parametrize("walk", [HIGH, LOW, DEFAULTS, WalkSettings(1e-4, 1e-7, 1e-7, 1e-3)])
@pytest.mark.parametrize(("agreement", "moves"), [(0.486, 1500), (0.5, 20_000), (0.7, 20_000), (0.3, 300)])
def test_a_mean_costs_no_more_than_the_work_allowed(
    monkeypatch: pytest.MonkeyPatch, walk: WalkSettings, agreement: float, moves: int
) -> None:
    costs, advance = [], Crowd.advance

    def counted(self: Crowd, pace: Pace, times: int) -> None:
        costs.append(times * len(self._mass))
        advance(self, pace, times)

    monkeypatch.setattr(Crowd, "advance", counted)
    mean_rates(walk, agreement, [moves])
    assert WORK / 10 < sum(costs) < 1.5 * WORK


@pytest.mark.parametrize("walk", [HIGH, LOW, DEFAULTS])
@pytest.mark.parametrize("agreement", [0.47, 0.5, 0.53])
def test_wide_cells_give_the_mean_of_the_walk_itself(
    monkeypatch: pytest.MonkeyPatch, walk: WalkSettings, agreement: float
) -> None:
    quick = mean_rates(walk, agreement, [20, 300, 2000])
    monkeypatch.setattr(automagic, "WORK", 10**7)
    monkeypatch.setattr(automagic, "MOST_CELLS", 1000)
    assert quick == pytest.approx(mean_rates(walk, agreement, [20, 300, 2000]), rel=0.03)


def test_a_bump_is_stored_in_whole_quanta() -> None:
    assert LOW.stored_bump == pytest.approx(2 * 3e-4 / 127)
    assert DEFAULTS.stored_bump == DEFAULTS.bump


def test_bumps_are_lost_only_once_rates_are_127_bumps_high() -> None:
    assert outgrows_storage(DEFAULTS, 0.7, 117)
    assert not outgrows_storage(DEFAULTS, 0.7, 116)
    assert not outgrows_storage(DEFAULTS, 0.5, 500)
    assert outgrows_storage(DEFAULTS, 0.5, 600)
    assert not outgrows_storage(LOW, 0.7, 10_000)
    assert outgrows_storage(WalkSettings(1e-3, 1e-6, 1e-7, 1e-3), 0.5, 0)


def test_a_ceiling_under_the_floor_counts() -> None:
    assert mean_rates(WalkSettings(1e-5, 1e-6, 1e-4, 5e-5), 0.6, [0, 1, 50]) == [1e-5, 5e-5, 5e-5]


@given(walk=st.builds(WalkSettings, rates, rates, rates, rates), agreement=st.floats(0, 1), moves=st.integers(1, 3000))
def test_the_mean_stays_between_the_bounds(walk: WalkSettings, agreement: float, moves: int) -> None:
    (mean,) = mean_rates(walk, agreement, [moves])
    assert min(walk.floor, walk.ceiling) * (1 - 1e-9) <= mean <= walk.ceiling * (1 + 1e-9)


@given(st.floats(0, 1))
def test_the_shares_keep_the_mean_and_stay_shares(mean: float) -> None:
    shares = agreement_shares(mean)
    assert fmean(shares) == pytest.approx(mean, abs=1e-3)
    assert all(0 <= share <= 1 for share in shares)
    assert list(shares) == sorted(shares)


@pytest.mark.parametrize("mean", [0.0, 0.5, 1.0])
def test_without_a_part_of_their_own_or_without_noise_all_elements_are_alike(mean: float) -> None:
    assert agreement_shares(mean) == (mean,)


@given(st.floats(0.5, 1))
def test_an_alternating_part_is_a_constant_one_mirrored_at_chance(mean: float) -> None:
    mirrored = [1 - share for share in reversed(agreement_shares(mean))]
    assert list(agreement_shares(1 - mean)) == pytest.approx(mirrored, abs=1e-9)


def test_the_spread_grows_from_nothing_at_chance() -> None:
    widths = [shares[-1] - shares[0] for shares in map(agreement_shares, (0.501, 0.51, 0.55, 0.7))]
    assert widths == sorted(widths)
    assert widths[0] < 0.01


def test_at_seven_tenths_some_elements_always_agree_and_some_are_at_chance() -> None:
    shares = agreement_shares(0.7)
    assert len(shares) == SHARES
    assert shares[0] == pytest.approx(0.5, abs=0.01)
    assert shares[-1] > 0.95

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.facts.outlook.agreement import SHARES, agreement_shares


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

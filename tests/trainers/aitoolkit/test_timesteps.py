"""How many draws of a schedule lie above a boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.trainers.aitoolkit.timesteps import share_above


@given(st.floats(0.5, 0.99), st.sampled_from(["sigmoid", "shift", "lognorm_blend"]))
def test_a_share_is_a_share_and_falls_with_the_boundary(boundary: float, kind: str) -> None:
    share, above = share_above(kind, boundary), share_above(kind, min(0.995, boundary + 0.005))
    assert share is not None
    assert above is not None
    assert 0 < above <= share < 1


def test_the_shares_of_the_schedule() -> None:
    assert share_above("sigmoid", 0.9) == pytest.approx(0.0140, abs=2e-4)
    assert share_above("shift", 0.9) == pytest.approx(5 / 14)
    assert share_above("linear", 0.9) is None

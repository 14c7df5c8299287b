"""Against the printed table (M. Abramowitz & I. Stegun, table 26.10)."""

from __future__ import annotations

import pytest

from diagnose.motion.student import below, quantile


@pytest.mark.parametrize(
    ("chance", "freedom", "t"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.995, 3, 5.841), (0.995, 4, 4.604), (0.95, 10, 1.812),
     (0.995, 7, 3.499), (0.9995, 5, 6.869), (0.975, 120, 1.980)],
)  # fmt: skip
def test_quantiles(chance: float, freedom: int, t: float) -> None:
    assert quantile(chance, freedom) == pytest.approx(t, abs=0.001)


@pytest.mark.parametrize("freedom", [1, 2, 3, 8])
def test_half_lies_below_nothing(freedom: int) -> None:
    assert below(0, freedom) == pytest.approx(0.5)
    assert below(-1, freedom) + below(1, freedom) == pytest.approx(1)

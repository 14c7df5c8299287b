"""Robust trends with their own noise band: what a handful of checkpoints or a noisy loss can tell, and no more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, median

BAND = 0.90
"""Coverage of every band in this module."""
MIN_POINTS = 4
"""Fewer points give no band: with three, the band of Sen's method spans all three slopes."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope per unit of x, with the ends of its 90 % band, from `points` observations."""

    slope: float
    low: float
    high: float
    points: int

    @property
    def certain(self) -> bool:
        """Whether the band excludes zero."""
        return self.low > 0 or self.high < 0


def theil_sen(xs: Sequence[float], ys: Sequence[float]) -> Trend | None:
    """Return the median of all pairwise slopes and its confidence band, or None below MIN_POINTS distinct x.

    The band is Sen's: the pairwise slopes at the ranks (N -/+ z * sd(S)) / 2, where S is Kendall's statistic with
    variance n(n-1)(2n+5)/18 (P. K. Sen, J. Am. Stat. Assoc. 63, 1968). It assumes independent scatter around a
    straight line, not normal scatter. O(n^2) in time and memory: thin long series first.
    """
    n = len(set(xs))
    if n < MIN_POINTS:
        return None
    pairs = range(len(xs))
    slopes = sorted((ys[j] - ys[i]) / (xs[j] - xs[i]) for i in pairs for j in pairs if xs[j] > xs[i])
    spread = NormalDist().inv_cdf((1 + BAND) / 2) * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    lower = max(0, math.floor((len(slopes) - spread) / 2))
    upper = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Trend(median(slopes), slopes[lower], slopes[upper], n)


def scatter(values: Sequence[float]) -> float | None:
    """Return the standard error of one value of a smooth series, None below MIN_POINTS + 2 values.

    From second differences: a smooth course cancels in them, and scatter shows in them times sqrt(1 + 4 + 1); 1.4826
    makes a median absolute value a standard deviation for normal scatter (T. Gasser et al., Biometrika 73, 1986).
    """
    if len(values) < MIN_POINTS + 2:
        return None
    bends = [before - 2 * here + after for before, here, after in zip(values, values[1:], values[2:], strict=False)]
    return 1.4826 * median(map(abs, bends)) / math.sqrt(6)


def block_means(values: Sequence[float], blocks: int) -> list[float]:
    """Return the means of `blocks` consecutive parts of nearly equal length; fewer where values are scarce.

    Averaging first makes skewed, heavy-tailed step losses fit for a slope and bounds the cost of `theil_sen`.
    """
    blocks = min(blocks, len(values))
    edges = [round(i * len(values) / blocks) for i in range(blocks + 1)] if blocks else []
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]

"""How the sign agreement of updates varies between the elements of a network, from its mean alone.

Take the gradient of an element as a constant part plus noise that is fresh at every step, and the constant parts as
normal over the elements. Then two successive gradients correlate by some r, the same sign comes twice with the
probability 1/2 + asin(r) / pi (the orthant probability of the bivariate normal; Sheppard, 1899), and that mean
fixes r and with it how the agreement of single elements is distributed. There is nothing to fit. At chance nothing is
constant and all elements are alike. Below chance take the part that does not change from step to step for one that
changes its sign, as where updates overshoot: r changes its sign with it, and everything is mirrored at chance.
"""

from __future__ import annotations

import math
from statistics import NormalDist

CHANCE = 0.5
SHARES = 6
"""Equal shares of the elements that stand for all; twelve move no mean rate by more than 3 %."""

_NORMAL = NormalDist()
_QUANTILES = tuple(_NORMAL.inv_cdf((1 + (share + 0.5) / SHARES) / 2) for share in range(SHARES))
"""Constant parts of the shares in standard deviations, by size: their sign changes nothing."""


def agreement_shares(mean: float) -> tuple[float, ...]:
    """Return the sign agreement of equal shares of the elements, lowest first; their mean is `mean`, from 0 to 1."""
    if mean < CHANCE:
        return tuple(1 - share for share in reversed(agreement_shares(1 - mean)))
    correlation = math.sin(math.pi * (mean - CHANCE))
    if mean == CHANCE or correlation >= 1:
        return (mean,)
    signal = math.sqrt(correlation / (1 - correlation))
    shares = [_repeats(_NORMAL.cdf(signal * quantile)) for quantile in _QUANTILES]
    # the midpoints of the shares miss some of the tail: stretch them to the mean that was asked for
    stretch = (mean - CHANCE) / (sum(shares) / SHARES - CHANCE)
    return tuple(min(1.0, CHANCE + stretch * (share - CHANCE)) for share in shares)


def _repeats(positive: float) -> float:
    """Return the probability that two independent signs agree."""
    return positive**2 + (1 - positive) ** 2

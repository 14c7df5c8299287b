"""Student's t, exact for whole degrees of freedom."""

from __future__ import annotations

import math


def below(t: float, freedom: int) -> float:
    """Return the chance of a smaller t.

    M. Abramowitz & I. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for k in range(3, freedom - 1, 2):
            term *= cosine * cosine * (k - 1) / k
            total += term
        return 0.5 + (angle + sine * total) / math.pi
    term = total = 1.0
    for k in range(2, freedom, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 0.5 + sine * total / 2


def quantile(chance: float, freedom: int) -> float:
    """Return the t that a smaller one has this chance of, more than a half and less than one."""
    low, high = 0.0, 1.0
    while below(high, freedom) < chance:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, freedom) < chance else (low, middle)
    return high

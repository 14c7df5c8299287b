"""The straight line that the fork fits through its recent losses, against their index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul


@dataclass(frozen=True, slots=True)
class Line:
    """Slope per step and Pearson's correlation of a least-squares line."""

    slope: float
    correlation: float

    @property
    def r2(self) -> float:
        """The share of the variance that the line explains."""
        return self.correlation**2


def fit_line(values: Sequence[float]) -> Line:
    """Return the least-squares line through (0, v0), (1, v1), ...; at least two values that differ."""
    count = len(values)
    mean = sum(values) / count
    deviations = [value - mean for value in values]
    covariance = sum(map(mul, range(count), deviations))
    index_spread = count * (count**2 - 1) / 12
    spread = sum(map(mul, deviations, deviations))
    return Line(covariance / index_spread, covariance / math.sqrt(index_spread * spread))

"""The numbers inside tensors, added up: sums that pool exactly, and the figures drawn from them.

Pure arithmetic on Python numbers; knows neither files nor numpy. A sum is None where a NaN or an infinity forbids
it, and the count of such numbers stands beside it. Zero always means zero.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import median

from diagnose.sources.finite import finite


@dataclass(frozen=True, slots=True)
class Entries:
    """What the numbers of one tensor, or of several tensors pooled, add up to.

    `absolute_sum` is sum|w|, `square_sum` sum w^2, `max` the largest |w|; all three None if any number is not
    finite, and a sum also where it exceeds float64. `zeros` counts exact zeros of either sign.
    """

    count: int
    absolute_sum: float | None
    square_sum: float | None
    max: float | None
    non_finite: int
    zeros: int

    @property
    def magnitude(self) -> float | None:
        """Mean absolute value, sum|w| / count."""
        return None if self.absolute_sum is None or not self.count else self.absolute_sum / self.count

    @property
    def rms(self) -> float | None:
        """Root mean square."""
        return None if self.square_sum is None or not self.count else sqrt(self.square_sum / self.count)


class FactorFigures(ABC):
    """The figures of anything made of down factors and up factors: one LoRA module, or many pooled."""

    __slots__ = ()

    @property
    @abstractmethod
    def factors(self) -> tuple[Entries, Entries]:
        """The entries of (down, up)."""

    @property
    def entries(self) -> Entries:
        """Both factors pooled."""
        return pooled(self.factors)

    @property
    def elements(self) -> int:
        """How many numbers both factors hold."""
        return self.entries.count

    @property
    def magnitude(self) -> float | None:
        """Mean absolute value over both factors pooled: the source document's "weight magnitude"."""
        return self.entries.magnitude

    @property
    def magnitude_down(self) -> float | None:
        """Mean absolute value of down (lora_A) alone."""
        return self.factors[0].magnitude

    @property
    def magnitude_up(self) -> float | None:
        """Mean absolute value of up (lora_B) alone; exactly 0 before training."""
        return self.factors[1].magnitude

    @property
    def rms(self) -> float | None:
        """Root mean square over both factors pooled."""
        return self.entries.rms

    @property
    def max(self) -> float | None:
        """Largest absolute value in either factor."""
        return self.entries.max

    @property
    def non_finite(self) -> int:
        """How many numbers are NaN or infinite."""
        return self.entries.non_finite

    @property
    def zeros(self) -> int:
        """How many numbers are exactly zero."""
        return self.entries.zeros


def pooled(parts: Iterable[Entries]) -> Entries:
    """Add up the entries of several tensors; a sum is None as soon as one part's is."""
    entries = tuple(parts)
    absolute = known(part.absolute_sum for part in entries)
    squares = known(part.square_sum for part in entries)
    largest = known(part.max for part in entries)
    return Entries(
        count=sum(part.count for part in entries),
        absolute_sum=None if absolute is None else finite(sum(absolute)),
        square_sum=None if squares is None else finite(sum(squares)),
        max=None if largest is None else max(largest, default=None),
        non_finite=sum(part.non_finite for part in entries),
        zeros=sum(part.zeros for part in entries),
    )


def known(values: Iterable[float | None]) -> tuple[float, ...] | None:
    """Return the values if every one is known, else None."""
    found = []
    for value in values:
        if value is None:
            return None
        found.append(value)
    return tuple(found)


def middle(values: Iterable[float | None]) -> float | None:
    """Return the median of the values that are known, None if none is."""
    found = [value for value in values if value is not None]
    return median(found) if found else None

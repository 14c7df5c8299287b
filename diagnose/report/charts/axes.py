"""Where values lie on the paper, and which of them are written beside an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from diagnose.report.figures import exact

WIDE = 30.0
"""Values that differ by more than this many times are drawn by their logarithm."""
MOST_TICKS = 5
ROOM = 0.06
"""Of an axis, beyond the least and the greatest value."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axis(Struct, frozen=True):
    """Values from `low` to `high` on the paper from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    by_logarithm: bool = False
    whole: bool = False
    """Whether only whole numbers lie on it."""

    def at(self, value: float) -> float:
        """Return where a value lies; one outside lies at the edge."""
        low, high, own = (self._bent(each) for each in (self.low, self.high, value))
        share = (own - low) / (high - low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _bent(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.by_logarithm else value

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round values within the axis, each with how it is written."""
        return [(value, exact(value)) for value in (_decades(self) if self.by_logarithm else _round_values(self))]


def over(values: Iterable[float], start: float, end: float, *, zero: bool = False, wide: bool = False) -> Axis:
    """Return an axis that has room for all values, at least one.

    `zero`: it begins there. `wide`: values that lie far apart are drawn by their logarithm.
    """
    known = list(values)
    low, high = min(known), max(known)
    if wide and low > 0 and high / low > WIDE:
        return Axis(low / 1.2, high * 1.2, start, end, by_logarithm=True)
    room = (high - low) * ROOM or abs(high) * ROOM or 1.0
    bottom = min(low, 0.0) if zero else (low - room if low < 0 or low >= room else 0.0)
    return Axis(bottom, high + room, start, end)


def steps(values: Sequence[int], start: float, end: float) -> Axis:
    """Return an axis of training steps, from the first to the last."""
    first, last = min(values), max(values)
    return Axis(first, last if last > first else first + 1, start, end, whole=True)


def _round_values(axis: Axis) -> list[float]:
    raw = (axis.high - axis.low) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in _STEPS if each * power >= raw * 0.999)
    step = max(1.0, step) if axis.whole else step
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    found = [float(f"{index * step:.12g}") for index in range(first, last + 1)]
    return [int(each) if each == int(each) and abs(each) < WIDE * 1e6 else each for each in found]


def _decades(axis: Axis) -> list[float]:
    first, last = math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high))
    stride = max(1, math.ceil((last - first + 1) / MOST_TICKS))
    return [float(f"1e{power}") for power in range(first, last + 1, stride)]

"""How one measure of the weights goes over the run, for each expert and between the two, and where it turns.

Three measures of the same checkpoints. The document's weight magnitude holds the random initialisation, so the two
experts' are compared as a ratio, as the write-up does. The learned part (magnitude above the untrained reading) and
the norm of the update hold none, so there the lead high - low is what tells who gains: a ratio of small numbers falls
whenever the smaller one catches up from nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import Enum

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.trend import Trend, drift, scatter
from diagnose.facts.weights.pairs import Pair
from diagnose.facts.weights.strength import EQUAL_ERRORS
from diagnose.weights.measurement import ExpertMeasurement
from diagnose.weights.modules import known

PER_STEPS = 100
"""Trends are given per so many steps."""


class Measure(str, Enum):
    """What is followed over the run."""

    MAGNITUDE = "weight magnitude"
    LEARNED = "learned part"
    NORM = "update norm"


READ: dict[Measure, Callable[[ExpertMeasurement], float | None]] = {
    Measure.MAGNITUDE: lambda measured: measured.magnitude,
    Measure.LEARNED: lambda measured: measured.learned_magnitude,
    Measure.NORM: lambda measured: measured.update_norm,
}


class Turn(Struct, frozen=True):
    """The step from which the low-noise expert gains for good, and between which saved steps the turn lies."""

    step: int
    earliest: int
    latest: int


class Course(Struct, frozen=True):
    """One measure in the late window, per PER_STEPS steps.

    `high`, `low`: growth; `gap`: of high against low. Of the magnitude, in % of the value (`relative`); else in the
    measure's own unit. `turn` is None unless the low-noise expert certainly gains.
    """

    measure: Measure
    relative: bool
    high: Trend
    low: Trend
    gap: Trend
    turn: Turn | None


def course_of(measure: Measure, both: Sequence[Pair], late: int) -> Course | None:
    """Return the measure's course over the `late` last pairs; None where a value is unknown or there are too few."""
    relative = measure is Measure.MAGNITUDE
    high, low = (known(READ[measure](pair.experts[expert]) for pair in both) for expert in Expert)
    if high is None or low is None:
        return None
    if relative:
        high, low = (tuple(100 * math.log(value) for value in column) for column in (high, low))
    gap = tuple(a - b for a, b in zip(high, low, strict=True))
    xs = [pair.step / PER_STEPS for pair in both]
    rises = [drift(xs, column, late) for column in (high, low, gap)]
    if rises[0] is None or rises[1] is None or rises[2] is None:
        return None
    turn = _turn(gap, [pair.step for pair in both]) if rises[2].high < 0 else None
    return Course(measure, relative, rises[0], rises[1], rises[2], turn)


def _turn(gap: Sequence[float], steps: Sequence[int]) -> Turn:
    """Go back from the end for as long as the gap is no smaller, within its scatter: there the low-noise one took off.

    The turn itself lies between the saved steps next to those that are as good as the largest.
    """
    tolerance = EQUAL_ERRORS * (scatter(gap) or 0.0)
    top = len(gap) - 1
    for index in range(len(gap) - 2, -1, -1):
        if gap[index] > gap[top]:
            top = index
        elif gap[index] < gap[top] - tolerance:
            break
    first, last = equals(gap, top)
    return Turn(steps[top], steps[max(0, first - 1)], steps[min(len(steps) - 1, last + 1)])


def equals(values: Sequence[float], top: int, least: float = 0.0) -> tuple[int, int]:
    """Return the ends of the run of values around `top` that are as good: within twice the scatter, or `least`."""
    limit = values[top] - max(least, EQUAL_ERRORS * (scatter(values) or 0.0))
    first = last = top
    while first > 0 and values[first - 1] >= limit:
        first -= 1
    while last < len(values) - 1 and values[last + 1] >= limit:
        last += 1
    return first, last

"""How the weight magnitude of one expert grows with its own updates: a smooth course, and the wander of a real run."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from random import Random

_WANDER = 2e-4
"""Standard deviation of what one update adds by chance, as a share of the learned part: 0.2 % in a hundred, as in
simulated runs of the document's config."""


def magnitudes(
    figures: Mapping[int, float], untrained: float, updates: Iterable[int], chance: Random
) -> dict[int, float]:
    """Return own updates -> mean |w|: exactly the figure where there is one, a wander around a smooth course elsewhere.

    `untrained` is the reading before the first update, where nothing has been learned; `updates` ascend.
    """
    knots = sorted({0: untrained, **figures}.items())
    slopes = _slopes(knots)
    last, off = 0, 0.0
    found: dict[int, float] = {}
    for count in updates:
        if count > last:
            off, last = (
                _wandered(off, last, count, next((knot for knot, _ in knots if knot >= count), None), chance),
                count,
            )
        smooth = _between(knots, slopes, count)
        found[count] = figures.get(count, smooth + (smooth - untrained) * off)
    return found


def _wandered(off: float, last: int, count: int, figure: int | None, chance: Random) -> float:
    """Return where a random walk is after `count` updates; at a figure it is at zero."""
    if figure is None:
        return off + chance.gauss(0, _WANDER * math.sqrt(count - last))
    left = (figure - count) / (figure - last)
    return off * left + chance.gauss(0, _WANDER * math.sqrt((count - last) * left))


def _slopes(knots: list[tuple[int, float]]) -> list[float]:
    """Slopes at the knots that keep a cubic monotone (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984)."""
    chords = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(knots)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(chords)]
    return [chords[0], *inner, chords[-1]]


def _between(knots: list[tuple[int, float]], slopes: list[float], count: int) -> float:
    """Cubic Hermite interpolation."""
    right = min(max(bisect_right(knots, count, key=lambda knot: knot[0]), 1), len(knots) - 1)
    (x0, y0), (x1, y1) = knots[right - 1], knots[right]
    width = x1 - x0
    t = (count - x0) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y0
        + t * (1 - t) ** 2 * width * slopes[right - 1]
        + t**2 * (3 - 2 * t) * y1
        + t**2 * (t - 1) * width * slopes[right]
    )

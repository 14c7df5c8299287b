"""How the weight magnitude of one expert grows from checkpoint to checkpoint."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from random import Random

_SCATTER = 0.0002
"""Largest relative scatter of a magnitude between the figures."""


def magnitudes(
    figures: Mapping[int, float], untrained: float, steps: Iterable[int], chance: Random
) -> dict[int, float]:
    """Return step -> mean |w|: exactly the figure where there is one, near a smooth monotone course elsewhere.

    `untrained` is the reading at step 0, where nothing has been learned.
    """
    knots = sorted({0: untrained, **figures}.items())
    slopes = _slopes(knots)
    return {
        step: figures.get(step, _between(knots, slopes, step) * (1 + _SCATTER * chance.uniform(-1, 1)))
        for step in steps
    }


def _slopes(knots: list[tuple[int, float]]) -> list[float]:
    """Slopes at the knots that keep a cubic monotone (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984)."""
    chords = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(knots)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(chords)]
    return [chords[0], *inner, chords[-1]]


def _between(knots: list[tuple[int, float]], slopes: list[float], step: int) -> float:
    """Cubic Hermite interpolation."""
    right = min(max(bisect_right(knots, step, key=lambda knot: knot[0]), 1), len(knots) - 1)
    (x0, y0), (x1, y1) = knots[right - 1], knots[right]
    width = x1 - x0
    t = (step - x0) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y0
        + t * (1 - t) ** 2 * width * slopes[right - 1]
        + t**2 * (3 - 2 * t) * y1
        + t**2 * (t - 1) * width * slopes[right]
    )

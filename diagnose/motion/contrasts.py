"""The courses that a run's motion may have taken, each as the weights of the saves that measure its size.

Two shapes, each from any save on to the last: the motion is at another level from there on, or it goes there by and by
(in the logarithm, on a line). What came before may be cut off: a run that first gains motion and then loses it again
shows the loss in its later part alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from msgspec import Struct

from diagnose.motion.levels import FEWEST_SAVES
from diagnose.motion.noise import Floats, Layout

SIDE = 2
MOST_STARTS = 6
"""Saves that a course may begin at, evenly spread over the run."""


class Contrasts(Struct, frozen=True):
    """Every course that is tried, one per row.

    Attributes:
        weights: their sum with the levels is the change of the logarithm, from before it to the end of the run.
        first, turns: the save a course begins at, and the first that the change shows in.
        sudden: whether it is another level at once.
    """

    weights: Floats
    first: tuple[int, ...]
    turns: tuple[int, ...]
    sudden: tuple[bool, ...]


@lru_cache(maxsize=16)
def contrasts(saves: int) -> Contrasts:
    """Return the courses that so many saves can take, FEWEST_SAVES or more."""
    rows = list(_courses(saves))
    weights = np.array([row[0] for row in rows])
    return Contrasts(weights, *zip(*((first, turn, sudden) for _, first, turn, sudden in rows), strict=True))


def _courses(saves: int) -> Iterator[tuple[Floats, int, int, bool]]:
    last = saves - FEWEST_SAVES
    count = min(last + 1, MOST_STARTS)
    for first in sorted({round(index * last / max(1, count - 1)) for index in range(count)}):
        for turn in range(first + SIDE, saves - SIDE + 1):
            weights = np.zeros(saves)
            weights[first:turn] = -1 / (turn - first)
            weights[turn:] = 1 / (saves - turn)
            yield weights, first, turn, True
        for turn in range(first + 1, saves - SIDE + 1):
            slope = np.concatenate([np.zeros(turn - 1 - first), np.linspace(0, 1, saves - turn + 1)])
            slope -= slope.mean()
            weights = np.zeros(saves)
            weights[first:] = slope / (slope @ slope)
            yield weights, first, turn, False


class Scales(Struct, frozen=True):
    """How much the size of each course varies by chance under a layout.

    Attributes:
        own: variance that own scatter of variance 1 makes, for each correlation in NEAR_GRID.
        shared: the same of shared scatter.
    """

    own: Floats
    shared: Floats

    @classmethod
    def of(cls, layout: Layout) -> Scales:
        """Return the scales of a layout."""
        weights = contrasts(layout.saves).weights
        covariance = layout.lasting * layout.overlap[None]
        own = np.einsum("ws,gst,wt->gw", weights, covariance, weights, optimize=True)
        return cls(np.asarray(own), (weights**2).sum(1))


def sizes(layout: Layout, scales: Scales, values: Floats) -> tuple[Floats, Floats]:
    """Return the size of every course in every run, and its standard error by that run's own scatter.

    Shared scatter is read from the jumps between neighbours, without the one at which a sudden course turns: that one
    is the change itself.
    """
    tried, found = contrasts(layout.saves), layout.estimates(values)
    turns, sudden = np.array(tried.turns), np.array(tried.sudden)
    own_jump = np.where(sudden[None], found.jumps[:, turns - 1], 0.0)
    jumps = found.jumps.shape[1] - sudden.astype(int)
    jump = (found.jumps.sum(1)[:, None] - own_jump) / (2 * jumps[None])
    shared = np.maximum(0.0, jump - (found.own * layout.jump[found.grid])[:, None])
    variance = found.own[:, None] * scales.own[found.grid] + shared * scales.shared[None]
    return found.means @ tried.weights.T, np.sqrt(np.maximum(variance, 1e-12))

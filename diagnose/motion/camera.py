"""The movement of the whole picture, apart from what moves in it: pan, zoom, turn and shear, as an affine fit.

Iteratively reweighted least squares with Cauchy weights: what moves by itself is far from the fit, and counts little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.motion.flow import Seen, Vectors, length

ROUNDS = 6
STRIDE = 2
"""Of the flow's grid: six numbers are fitted, so a quarter of it is plenty."""
LEAST_SCALE = 0.05
"""Pixels: how far the flow is off where nothing moves but the camera."""
_TO_SIGMA = 1.4826
"""The median of absolute deviations times this is the standard deviation of a normal distribution."""
_CAUCHY = 2.385
"""Scales away at which a residual counts half: 95 % efficiency for normal ones (Holland and Welsch 1977)."""
_RIDGE = 1e-6


def camera_motion(seen: Seen) -> Vectors:
    """Return how each point of the flow's grid would move if the camera alone moved, in pixels."""
    rows, columns = seen.agrees.shape
    terms = _terms(rows, columns)
    some = (slice(None, None, STRIDE), slice(None, None, STRIDE))
    mask = seen.agrees[some]
    points, moved = terms[some][mask], seen.vectors[some][mask].astype(np.float64)
    if len(points) < terms.shape[-1]:
        return np.zeros_like(seen.vectors)
    weights = np.ones(len(points))
    fit = np.zeros((terms.shape[-1], 2))
    for _ in range(ROUNDS):
        weighed = points * weights[:, None]
        fit = np.linalg.solve(weighed.T @ points + _RIDGE * np.eye(terms.shape[-1]), weighed.T @ moved)
        off = length(moved - points @ fit)
        scale = max(LEAST_SCALE, _TO_SIGMA * float(np.median(off)))
        weights = 1 / (1 + (off / (_CAUCHY * scale)) ** 2)
    return np.asarray(terms @ fit, dtype=np.float32)


def _terms(rows: int, columns: int) -> NDArray[np.float64]:
    """Return 1, x and y of each point, x and y from -1 to 1."""
    down, across = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    return np.stack([np.ones((rows, columns)), across, down], axis=-1)

"""Singular values of up @ down from the Gram matrices of the two factors, and the figures drawn from them.

The product is never formed: with G = down downᵀ = R Rᵀ and H = upᵀ up, the squared singular values of up @ down are
the eigenvalues of Rᵀ H R. Imports numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, isfinite, log
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.floating[Any]]

NARROW = 0.6
"""Spread of eigenvalues up to which their sum of fourth powers bounds the condition, by 4 at most."""
GAP_LIMIT = 1e5
"""A second singular value this far below the first is rounding (see FLOOR in `diagnose.weights.factors`)."""


def condition(gram: Matrix) -> float:
    """Return an upper bound of a Gram matrix's condition number, infinite if it is singular."""
    # Near a multiple of the identity, m (I + E): the eigenvalues lie within 1 - e and 1 + e of m, where
    # e^4 = |E^2|_F^2 is the sum of the fourth powers of those of E. A fifth of the work of an inverse.
    mean = float(gram.trace()) / len(gram)
    if mean > 0:
        rest = gram / mean
        rest.flat[:: len(gram) + 1] -= 1
        square = rest @ rest
        spread: float = float(np.vdot(square, square)) ** 0.25
        if spread <= NARROW:
            return (1 + spread) / (1 - spread)
    try:
        inverse = np.linalg.inv(gram)
    except np.linalg.LinAlgError:
        return np.inf
    # The 1-norm bounds the spectral norm of a symmetric matrix from above.
    return float(np.abs(gram).sum(axis=0).max() * np.abs(inverse).sum(axis=0).max())


def root_of(gram: Matrix) -> Matrix:
    """Return R with R Rᵀ = gram, to the rounding of float64, for a gram that may be singular."""
    root: Matrix
    try:
        root = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(gram)
        root = vectors * np.sqrt(values.clip(min=0))
    return root


def singular_values(root_down: Matrix, gram_up: Matrix) -> list[float]:
    """Return the singular values of up @ down, descending."""
    squares = np.linalg.eigvalsh(root_down.T @ gram_up @ root_down)
    found: list[float] = np.sqrt(squares.clip(min=0))[::-1].tolist()
    return found


class UpdateFigures(NamedTuple):
    """As `diagnose.weights.modules.ModuleMeasurement` defines them."""

    update_norm: float | None
    spectral_norm: float | None
    stable_rank: float | None = None
    effective_rank: float | None = None
    spectral_gap: float | None = None


def update_figures(singular_values: Sequence[float] | None, scale: float | None) -> UpdateFigures:
    """Return the figures of an update.

    Args:
        singular_values: of up @ down, descending, at least one; None if not every number was finite.
        scale: alpha / rank; None if that is not finite.
    """
    if singular_values is None or scale is None:
        return UpdateFigures(None, None)
    norm, first = abs(scale) * hypot(*singular_values), abs(scale) * singular_values[0]
    if not isfinite(norm):
        return UpdateFigures(None, None)
    if not first:
        return UpdateFigures(0.0, 0.0)
    total = sum(singular_values)
    shares = [value / total for value in singular_values]
    second = singular_values[1] if len(singular_values) > 1 else 0.0
    return UpdateFigures(
        update_norm=norm,
        spectral_norm=first,
        stable_rank=(norm / first) ** 2,
        effective_rank=exp(-sum(share * log(share) for share in shares if share)),
        spectral_gap=singular_values[0] / second if second * GAP_LIMIT > singular_values[0] else None,
    )

"""Singular values of up @ down from the Gram matrices of the two factors; the product is never formed.

With G = down downᵀ = R Rᵀ and H = upᵀ up, the squared singular values of up @ down are the eigenvalues of Rᵀ H R.
Imports numpy.
"""

from __future__ import annotations

import numpy as np

from diagnose.weights.gram import Matrix

NARROW = 0.6
"""Spread of eigenvalues up to which their sum of fourth powers bounds the condition, by 4 at most."""


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

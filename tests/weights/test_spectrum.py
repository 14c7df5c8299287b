"""Roots, conditions and singular values of small matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.weights.gram import Matrix
from diagnose.weights.spectrum import condition, root_of, singular_values


def gram(rank: int, decades: float, seed: int) -> Matrix:
    """A Gram matrix of a known condition, 10 ** decades."""
    vectors, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((rank, rank)))
    half: Matrix = (vectors * np.logspace(0, -decades, rank)) @ vectors.T / 2
    made: Matrix = half + half.T
    return made


@given(rank=st.integers(1, 40), decades=st.floats(0, 6), seed=st.integers(0, 99))
def test_the_condition_is_never_understated(rank: int, decades: float, seed: int) -> None:
    exact = 10**decades if rank > 1 else 1.0
    found = condition(gram(rank, decades, seed))
    assert exact * (1 - 1e-6) <= found <= exact * rank * 1.001


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 0.0])])
def test_a_singular_matrix_has_no_condition(matrix: Matrix) -> None:
    assert condition(matrix) == np.inf


@pytest.mark.parametrize("decades", [0, 3, 12, 17, 30])
def test_a_root_to_the_rounding(decades: int) -> None:
    matrix = gram(12, decades, 3)
    root = root_of(matrix)
    np.testing.assert_allclose(root @ root.T, matrix, rtol=0, atol=1e-15)


def test_roots_of_singular_matrices() -> None:
    for matrix in (np.zeros((3, 3)), np.ones((4, 4)), np.diag([2.0, 0.0, 3.0])):
        root = root_of(matrix)
        np.testing.assert_allclose(root @ root.T, matrix, rtol=0, atol=1e-15)


def test_singular_values_descend() -> None:
    found = singular_values(np.diag([1.0, 2.0, 3.0]), np.diag([9.0, 1.0, 0.0]))
    np.testing.assert_allclose(found, [3.0, 2.0, 0.0], atol=1e-15)

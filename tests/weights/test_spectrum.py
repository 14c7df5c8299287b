"""Roots, conditions and singular values of small matrices.

The figures of an update from singular values alone."""

from __future__ import annotations

from math import exp, inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.weights.spectrum import Matrix, UpdateFigures, condition, root_of, singular_values, update_figures


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


SPECTRA = st.lists(st.floats(0, 1e6), min_size=1, max_size=64).map(lambda values: sorted(values, reverse=True))


def test_a_flat_spectrum_uses_its_whole_rank() -> None:
    figures = update_figures([2.0] * 4, 0.5)
    assert figures == pytest.approx(UpdateFigures(2.0, 1.0, 4.0, 4.0, 1.0))


def test_a_spike_has_rank_one_and_no_second() -> None:
    figures = update_figures([3.0, 0.0, 0.0], 1.0)
    assert figures == UpdateFigures(3.0, 3.0, 1.0, 1.0, None)


def test_a_second_value_at_the_floor_of_rounding_is_no_second() -> None:
    assert update_figures([1.0, 1e-6], 1.0).spectral_gap is None
    assert update_figures([1.0, 1e-4], 1.0).spectral_gap == pytest.approx(1e4)


def test_effective_rank_is_the_exponential_of_the_entropy() -> None:
    entropy = -(0.75 * log(0.75) + 0.25 * log(0.25))
    figures = update_figures([3.0, 1.0], 1.0)
    assert figures.effective_rank == pytest.approx(exp(entropy))
    assert figures.update_norm == pytest.approx(sqrt(10))


@pytest.mark.parametrize(("values", "scale"), [(None, 1.0), ([1.0], None), ([1e308], 1e10), ([inf], 1.0)])
def test_what_is_not_finite_is_unknown(values: list[float] | None, scale: float | None) -> None:
    assert update_figures(values, scale) == UpdateFigures(None, None)


@pytest.mark.parametrize(("values", "scale"), [([0.0, 0.0], 1.0), ([2.0, 1.0], 0.0)])
def test_a_zero_update_has_norms_and_no_ranks(values: list[float], scale: float) -> None:
    assert update_figures(values, scale) == UpdateFigures(0.0, 0.0)


def test_the_sign_of_the_scale_does_not_matter() -> None:
    assert update_figures([2.0, 1.0], -3.0) == update_figures([2.0, 1.0], 3.0)


@given(SPECTRA, st.floats(1e-3, 1e3))
def test_ranks_lie_between_one_and_the_rank(values: list[float], scale: float) -> None:
    figures = update_figures(values, scale)
    assert figures.update_norm is not None
    assert figures.spectral_norm is not None
    assert figures.update_norm >= figures.spectral_norm * (1 - 1e-12)
    for rank in (figures.stable_rank, figures.effective_rank):
        assert rank is None or 1 - 1e-9 <= rank <= len(values) * (1 + 1e-9)


@pytest.mark.parametrize("size", [0.25, 1.0, 40.0])
def test_the_quick_bound_serves_up_to_a_spread_of_six_tenths(size: float) -> None:
    for half, bound in ((0.3, 2.10927), (0.5, 3.93342), (0.51, 1.51 / 0.49)):
        assert condition(size * np.diag([1 + half, 1 - half])) == pytest.approx(bound, rel=1e-4)


@pytest.mark.parametrize(
    ("values", "gap"), [([1e5, 1.0], None), ([1.0, 0.95e-5], None), ([1.0, 1.05e-5], 1 / 1.05e-5), ([2.0], None)]
)
def test_a_gap_that_rounding_may_have_made_is_none(values: list[float], gap: float | None) -> None:
    assert update_figures(values, 1.0).spectral_gap == (None if gap is None else pytest.approx(gap))

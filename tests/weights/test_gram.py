"""Products block by block against the products in one piece."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.weights import gram
from diagnose.weights.factor_reader import Factor
from diagnose.weights.formats import FORMATS, Reals

SHAPES = [(1, 1), (1, 40), (3, 7), (16, 50), (17, 33), (40, 21), (64, 100)]


def factor(rank: int, width: int, seed: int, *, upright: bool) -> tuple[Factor, Reals]:
    """A bf16 factor, and its numbers as rank x width in float64."""
    shape = (width, rank) if upright else (rank, width)
    numbers = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    bits = (numbers.view(np.uint32) >> 16).astype(np.uint16)
    exact = FORMATS["BF16"].numbers(bits).astype(np.float64)
    return Factor(bits, FORMATS["BF16"], rank, upright), exact.T if upright else exact


@pytest.mark.parametrize("block", [1, 100, gram.BLOCK])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_and_gram(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], block: int, upright: bool) -> None:
    monkeypatch.setattr(gram, "BLOCK", block)
    made, exact = factor(*shape, seed=1, upright=upright)
    for narrow, precision, error in ((np.float32, np.float32, 2e-6), (np.float32, np.float64, 1e-14)):
        magnitudes, found = gram.sums_and_gram(made, narrow=narrow, precision=precision)
        assert magnitudes == pytest.approx(np.abs(exact).sum(), rel=1e-6)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, found.T, rtol=0, atol=error * shape[1])
        np.testing.assert_allclose(found, exact @ exact.T, rtol=0, atol=error * shape[1])


@given(ranks=st.tuples(st.integers(1, 40), st.integers(1, 40)), width=st.integers(1, 60), upright=st.booleans())
def test_product_of_two_factors(ranks: tuple[int, int], width: int, upright: bool) -> None:
    (first, left), (second, right) = (
        factor(rank, width, seed=seed, upright=upright) for seed, rank in enumerate(ranks)
    )
    np.testing.assert_allclose(gram.product(first, second), left @ right.T, rtol=0, atol=1e-13 * width)


def test_a_product_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "BLOCK", 64)
    (first, left), (second, right) = (factor(rank, 50, seed=rank, upright=True) for rank in (4, 9))
    np.testing.assert_allclose(gram.product(first, second), left @ right.T, rtol=0, atol=1e-12)

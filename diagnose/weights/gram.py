"""Products of factors, rank x rank: taken block by block, while a block's numbers are in the cache.

Imports numpy with `diagnose.weights.formats`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from diagnose.weights.blas import sum_in_float32, sum_of_columns
from diagnose.weights.factor_reader import Factor
from diagnose.weights.formats import Reals

Matrix: TypeAlias = NDArray[np.floating[Any]]
STRIP = 8
BLOCK = 112 * 2**10
"""Numbers at once: 896 kB in float64. With STRIP columns of the product at a time, OpenBLAS's kernels for small
matrices (at most a million multiplications) take them as they lie; packing them first would cost half as much again."""


def sums_and_gram(factor: Factor, *, narrow: DTypeLike, precision: DTypeLike) -> tuple[float, Matrix]:
    """Return sum|w| and the Matrix w wᵀ of a factor w, rank x width, in one pass; its trace is sum w^2.

    Args:
        factor: of finite numbers.
        narrow: precision of the numbers and, within a block, of sum|w|.
        precision: of the products and their sums within a block. Blocks are added up in float64.
    """
    absolute_sum = sum_in_float32() if narrow is np.float32 else sum_of_columns
    magnitudes, gram = 0.0, np.zeros((factor.rank, factor.rank))
    for numbers in factor.blocks(columns=max(1, BLOCK // factor.rank)):
        block = numbers.astype(narrow, copy=False)
        magnitudes += absolute_sum(block)
        gram += _lower_gram(block.astype(precision, copy=False))
    return magnitudes, _mirrored(gram)


def product(first: Factor, second: Factor) -> Matrix:
    """Return first @ secondᵀ of two factors of one width, finite, in float64."""
    columns = max(1, BLOCK // max(first.rank, second.rank))
    total = np.zeros((first.rank, second.rank))
    for left, right in zip(first.blocks(columns), second.blocks(columns), strict=True):
        total += left.astype(np.float64, copy=False) @ right.astype(np.float64, copy=False).T
    return total


def _lower_gram(block: Reals) -> Reals:
    """Return block @ blockᵀ, correct on and below the diagonal."""
    rank = block.shape[0]
    gram = np.zeros((rank, rank), block.dtype)
    for begin in range(0, rank, STRIP):
        strip = slice(begin, begin + STRIP)
        np.matmul(block[begin:], block[strip].T, out=gram[begin:, strip])
    return gram


def _mirrored(lower: Matrix) -> Matrix:
    """Fill what lies above the diagonal strips from what lies below."""
    for begin in range(STRIP, len(lower), STRIP):
        strip = slice(begin, begin + STRIP)
        lower[:begin, strip] = lower[strip, :begin].T
    return lower

"""The figures of factors: what their numbers add up to, and the spectrum of their product.

Accuracy. An error E in the Gram matrix G of down changes every singular value of up @ down by at most ½|E||G⁻¹| of
itself (Ostrowski). G is near a multiple of the identity in every LoRA of a wide layer (down starts random), so
products in float32 are enough for it, and it is taken again in float64 where CONDITION_LIMIT says otherwise. The
Gram matrix H of up has no such luck (conditions of 1e4 to 1e7 after training), and is always taken in float64.
What remains is the rounding of the eigenvalues, some 1e-15 |down|²|up|²: a singular value above FLOOR |down||up|
carries a relative error below 1e-5, and so does the update's norm.

Products are taken block by block, while a block's numbers are in the cache. Imports numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, isfinite, log
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from diagnose.sources.finite import finite
from diagnose.weights.factor_reader import Factor, FactorReader, numbers
from diagnose.weights.lora_pairs import LoraPair
from diagnose.weights.modules import Entries

Matrix: TypeAlias = NDArray[np.floating[Any]]

NARROW = 0.6
"""Spread of eigenvalues up to which their sum of fourth powers bounds the condition, by 4 at most."""
GAP_LIMIT = 1e5
"""A second singular value this far below the first is rounding (see FLOOR)."""


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


FLOOR = 1e-5
"""Singular values below this share of |down||up| (spectral norms) are not resolved to 1e-5."""
CONDITION_LIMIT = 3.0
"""Of G. Float32 products err by 6e-7 |G| for random factors and by 6.4e-6 |G| at worst (float16, every number the same
but for its sign, seven sizes; measured, widths 5120 and 13824, ranks 4 to 256); half of 3 times that is 9.6e-6. A
rank-64 LoRA starts at 1.5 there."""
FLOAT32_RANGE = (1e-12, 1e12)
"""Largest |w| whose squares float32 can add up without underflow or overflow that counts."""
FLOAT64_RANGE = (1e-70, 1e70)
"""Largest |w| whose fourth powers, as in the product of two Gram matrices, float64 can add up."""
STRIP = 8
BLOCK = 112 * 2**10
"""Numbers at once: 896 kB in float64. With STRIP columns of the product at a time, OpenBLAS's kernels for small
matrices (at most a million multiplications) take them as they lie; packing them first would cost half as much again."""


def measure_factors(reader: FactorReader, pair: LoraPair) -> tuple[Entries, Entries, list[float] | None]:
    """Return the entries of down and of up, and the singular values of up @ down, descending, without the scale.

    There are `rank` singular values, or None if a number is not finite or float64 would overflow.

    Raises:
        DiagnoseError: the file ends early or cannot be read.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        factor = reader.down(pair)
        down, root = _measure(factor, precision=np.float32)
        if root is not None:
            if condition(root) > CONDITION_LIMIT:
                _, root = sums_and_gram(factor, narrow=np.float64, precision=np.float64)
            root = root_of(root)
        up, gram = _measure(reader.up(pair), precision=np.float64)
    return down, up, None if root is None or gram is None else singular_values(root, gram)


def overlap(readers: Sequence[FactorReader], pairs: Sequence[LoraPair]) -> float | None:
    """Return the inner product <up1 @ down1, up2 @ down2> of two modules' updates, without their scales.

    It is the sum over the rank x rank matrices (up1ᵀ up2) * (down1 down2ᵀ). None if a number is not finite.

    Raises:
        DiagnoseError: a file ends early or cannot be read.
    """
    total: Matrix | float = 1.0
    for read in (FactorReader.down, FactorReader.up):
        first, second = (read(reader, pair) for reader, pair in zip(readers, pairs, strict=True))
        if _largest(first) is None or _largest(second) is None:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            total = total * product(first, second)
    return finite(float(np.sum(total)))


def _measure(factor: Factor, precision: DTypeLike) -> tuple[Entries, Matrix | None]:
    """Return a factor's entries, and its Gram matrix in no less than `precision` where it is of use.

    Sum|w| is within 1e-6; sum w^2, the trace, too, but at the worst of what CONDITION_LIMIT names within 7e-6.

    NaN, infinities and zeros show in the extremes of the bits, so they are counted only where present.
    """
    form, bits = factor.form, factor.bits
    # The bits of zero are the smallest, those of -0 the smallest with the sign as a sign.
    signed = bits.view(f"<i{form.width}")
    has_zero = not bits.min() or int(signed.min()) == np.iinfo(signed.dtype).min
    zeros = int(np.count_nonzero(bits & form.magnitude == 0)) if has_zero else 0
    largest = _largest(factor)
    if largest is None:
        non_finite = int(np.count_nonzero(bits & form.magnitude >= form.infinite))
        return Entries(bits.size, None, None, None, non_finite, zeros), None
    single = fits(largest, FLOAT32_RANGE) and form.width <= np.float32().itemsize
    magnitudes, gram = sums_and_gram(
        factor, narrow=np.float32 if single else np.float64, precision=precision if single else np.float64
    )
    entries = Entries(
        count=bits.size,
        absolute_sum=finite(magnitudes),
        square_sum=finite(float(gram.trace())),
        max=largest,
        non_finite=0,
        zeros=zeros,
    )
    return entries, gram if fits(largest, FLOAT64_RANGE) else None


def fits(maximum: float, limits: tuple[float, float]) -> bool:
    """Whether numbers of which this is the largest can be reckoned with."""
    return maximum == 0 or limits[0] < maximum < limits[1]


def _largest(factor: Factor) -> float | None:
    """Return the largest |w|, None if a number is not finite."""
    form = factor.form
    positive = int(factor.bits.view(f"<i{form.width}").max())
    negative = int(factor.bits.max()) & form.magnitude
    largest = max(positive, negative)
    if largest >= form.infinite:
        return None
    return float(numbers(np.array([largest], factor.bits.dtype), form)[0])


def sums_and_gram(factor: Factor, *, narrow: DTypeLike, precision: DTypeLike) -> tuple[float, Matrix]:
    """Return sum|w| and the Matrix w wᵀ of a factor w, rank x width, in one pass; its trace is sum w^2.

    Args:
        factor: of finite numbers.
        narrow: precision of the numbers and, within a block, of sum|w|.
        precision: of the products and their sums within a block. Blocks are added up in float64.
    """
    magnitudes, gram = 0.0, np.zeros((factor.rank, factor.rank))
    strips = [slice(begin, begin + STRIP) for begin in range(0, factor.rank, STRIP)]
    for found in factor.blocks(columns=max(1, BLOCK // factor.rank)):
        block = found.astype(narrow, copy=False)
        of_columns = np.ones(factor.rank, block.dtype) @ np.abs(block)
        magnitudes += float(of_columns.sum(dtype=np.float64))
        block = block.astype(precision, copy=False)
        lower = np.zeros(gram.shape, block.dtype)  # correct on and below the diagonal
        for strip in strips:
            np.matmul(block[strip.start :], block[strip].T, out=lower[strip.start :, strip])
        gram += lower
    for strip in strips:
        gram[: strip.start, strip] = gram[strip, : strip.start].T
    return magnitudes, gram


def product(first: Factor, second: Factor) -> Matrix:
    """Return first @ secondᵀ of two factors of one width, finite, in float64."""
    columns = max(1, BLOCK // max(first.rank, second.rank))
    total = np.zeros((first.rank, second.rank))
    for left, right in zip(first.blocks(columns), second.blocks(columns), strict=True):
        total += left.astype(np.float64, copy=False) @ right.astype(np.float64, copy=False).T
    return total

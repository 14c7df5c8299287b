"""One LoRA module in figures: what the numbers of its factors add up to, and its update.

Pure arithmetic on Python numbers; knows neither files nor numpy. A sum is None where a NaN or an infinity forbids it,
and the count of such numbers stands beside it. Zero always means zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from statistics import median

from msgspec import Struct

from diagnose.sources.finite import finite


class Entries(Struct, frozen=True):
    """What the numbers of one tensor, or of several tensors pooled, add up to.

    `absolute_sum` is sum|w|, `square_sum` sum w^2, `max` the largest |w|; all three None if any number is not
    finite, and a sum also where it exceeds float64. `zeros` counts exact zeros of either sign.
    """

    count: int
    absolute_sum: float | None
    square_sum: float | None
    max: float | None
    non_finite: int
    zeros: int

    @property
    def magnitude(self) -> float | None:
        """Mean absolute value, sum|w| / count."""
        return None if self.absolute_sum is None or not self.count else self.absolute_sum / self.count

    @property
    def rms(self) -> float | None:
        """Root mean square."""
        return None if self.square_sum is None or not self.count else sqrt(self.square_sum / self.count)


class FactorFigures(Struct, frozen=True):
    """The figures of anything made of down factors and up factors: one LoRA module, or many pooled."""

    @property
    def factors(self) -> tuple[Entries, Entries]:
        """The entries of (down, up)."""
        raise NotImplementedError

    @property
    def entries(self) -> Entries:
        """Both factors pooled."""
        return pooled(self.factors)

    @property
    def magnitude(self) -> float | None:
        """Mean absolute value over both factors pooled: the source document's "weight magnitude"."""
        return self.entries.magnitude

    @property
    def magnitude_down(self) -> float | None:
        """Mean absolute value of down (lora_A) alone."""
        return self.factors[0].magnitude

    @property
    def magnitude_up(self) -> float | None:
        """Mean absolute value of up (lora_B) alone; exactly 0 before training."""
        return self.factors[1].magnitude


class ModuleMeasurement(FactorFigures, frozen=True):
    """One LoRA module: its two factors, and the update scale * up @ down that it adds to the base weight.

    Attributes:
        name: module path without the file's prefix, e.g. "blocks.7.self_attn.q".
        block: the transformer block's number; None outside the blocks.
        kind: the path within the block, e.g. "self_attn.q"; outside the blocks the name.
        rank: inner dimension of the two factors.
        fan_in: columns of down (channels times kernel of a convolution).
        fan_out: rows of up.
        dtype: as the file names it, "BF16"; both if the factors differ, "BF16/F32".
        scale: alpha / rank; 1 where the file has no alpha; None where alpha is not finite.
        down: the first factor (lora_A, lora_down), rank x fan_in.
        up: the second factor (lora_B, lora_up), fan_out x rank.
        update_norm: Frobenius norm of the update.
        spectral_norm: its largest singular value.
        stable_rank: update_norm^2 / spectral_norm^2, in [1, rank]; None where the update is zero.
        effective_rank: exp of the entropy of the singular values over their sum, in [1, rank] (Roy & Vetterli,
            EUSIPCO 2007); None where the update is zero.
        spectral_gap: largest over second singular value, the height of a rank-1 spike; None without a second.
    """

    name: str
    block: int | None
    kind: str
    rank: int
    fan_in: int
    fan_out: int
    dtype: str
    scale: float | None
    down: Entries
    up: Entries
    update_norm: float | None
    spectral_norm: float | None
    stable_rank: float | None
    effective_rank: float | None
    spectral_gap: float | None

    @property
    def factors(self) -> tuple[Entries, Entries]:
        """The entries of (down, up)."""
        return (self.down, self.up)

    @property
    def untrained_sum(self) -> float:
        """Expected sum|w| of these shapes before training: down ~ U(+-1/sqrt(fan_in)), up = 0.

        The trainers initialise down by kaiming_uniform(a=sqrt(5)), whose bound is sqrt(6 / (1 + a^2) / fan_in)
        = 1/sqrt(fan_in); the mean absolute value of U(+-b) is b/2.
        """
        return self.down.count * 0.5 / sqrt(self.fan_in)

    @property
    def dead(self) -> bool:
        """Whether the module adds nothing: every number of up is zero, as it was before training."""
        return self.up.zeros == self.up.count

    @property
    def rank_one(self) -> bool:
        """Whether the update is a single direction although the factors have room for more: no second one shows."""
        return self.rank > 1 and bool(self.update_norm) and self.spectral_gap is None


def pooled(parts: Iterable[Entries]) -> Entries:
    """Add up the entries of several tensors; a sum is None as soon as one part's is."""
    entries = tuple(parts)
    absolute = known(part.absolute_sum for part in entries)
    squares = known(part.square_sum for part in entries)
    largest = known(part.max for part in entries)
    return Entries(
        count=sum(part.count for part in entries),
        absolute_sum=None if absolute is None else finite(sum(absolute)),
        square_sum=None if squares is None else finite(sum(squares)),
        max=None if largest is None else max(largest, default=None),
        non_finite=sum(part.non_finite for part in entries),
        zeros=sum(part.zeros for part in entries),
    )


def known(values: Iterable[float | None]) -> tuple[float, ...] | None:
    """Return the values if every one is known, else None."""
    found = []
    for value in values:
        if value is None:
            return None
        found.append(value)
    return tuple(found)


def middle(values: Iterable[float | None]) -> float | None:
    """Return the median of the values that are known, None if none is."""
    found = [value for value in values if value is not None]
    return median(found) if found else None

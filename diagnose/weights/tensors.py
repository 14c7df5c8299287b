"""The numerical core, and the only module that imports torch: import it where numbers are needed, not before.

Exact statistics from small matrices: the update's spectrum comes from the rank x rank Gram matrices of the two
factors, and the product up @ down is never formed. Memory is bounded by one factor whatever the size of the file.
Factors are read into a buffer that is used again, not memory-mapped: a file cut off while it is read must be an
error, not a SIGBUS.

Accuracy. With G = down downᵀ = L Lᵀ and H = upᵀ up, the squared singular values of up @ down are the eigenvalues
of Lᵀ H L. An error E in G changes every singular value by at most ½|E||G⁻¹| of itself (Ostrowski). G is near a
multiple of the identity in every LoRA (down starts random, and wide), so float32 products are enough for it, and
it is taken again in float64 where CONDITION_LIMIT says otherwise. H has no such luck and is always taken in
float64. What remains is the rounding of the eigenvalues, some 1e-15 |down|²|up|²: a singular value above
FLOOR |down||up| carries a relative error below 1e-5, and so does the update's norm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch

from diagnose.errors import DiagnoseError
from diagnose.sources.finite import finite
from diagnose.sources.readings import TensorEntry
from diagnose.weights.entries import Entries
from diagnose.weights.lora_pairs import LoraPair

FLOOR = 1e-5
"""Singular values below this share of |down||up| (spectral norms) are not resolved to 1e-5."""
CONDITION_LIMIT = 100.0
"""Of G. Float32 products err by 1.5e-7 |G| (measured, widths 5120 and 13824), so half of 100 times that is 8e-6."""
FLOAT32_RANGE = (1e-12, 1e12)
"""Largest |w| whose squares float32 can add up without underflow or overflow that counts."""
FLOAT64_RANGE = (1e-70, 1e70)
"""Largest |w| whose fourth powers, as in the product of two Gram matrices, float64 can add up."""
BLOCK = 2**17
"""Numbers widened at once: 1 MB in float64, which stays in the cache; also where float32 sums are handed over."""


@dataclass(frozen=True, slots=True)
class Format:
    """A floating-point format as sign and magnitude: the magnitude bits of finite numbers order like integers.

    `infinite` is the smallest magnitude that is infinite or NaN.
    """

    dtype: torch.dtype
    bits: torch.dtype
    magnitude: int
    infinite: int


FORMATS: Mapping[str, Format] = {
    "F64": Format(torch.float64, torch.int64, 0x7FFF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000),
    "F32": Format(torch.float32, torch.int32, 0x7FFF_FFFF, 0x7F80_0000),
    "F16": Format(torch.float16, torch.int16, 0x7FFF, 0x7C00),
    "BF16": Format(torch.bfloat16, torch.int16, 0x7FFF, 0x7F80),
    "F8_E5M2": Format(torch.float8_e5m2, torch.int8, 0x7F, 0x7C),
    "F8_E4M3": Format(torch.float8_e4m3fn, torch.int8, 0x7F, 0x7F),
}

Factor: TypeAlias = torch.Tensor
"""A LoRA factor as [rank, width] in the file's dtype: down as it stands, up seen transposed."""


class FactorReader:
    """Reads one factor at a time from one file into a buffer of its own. Not shared between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            DiagnoseError: it cannot be opened.
        """
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise DiagnoseError(f"{path}: cannot be read ({error.strerror}); check the path") from error
        self._path = path
        self._buffer = bytearray()

    def close(self) -> None:
        """Close the file; no reading after that."""
        self._file.close()

    def number(self, entry: TensorEntry) -> float:
        """Return the one number a tensor holds."""
        return float(self.flat(entry).double().item())

    def flat(self, entry: TensorEntry) -> torch.Tensor:
        """Return the tensor's numbers in one dimension, in the file's dtype, valid until the next reading.

        Raises:
            DiagnoseError: the file ends early or cannot be read.
        """
        size = entry.end - entry.begin
        if len(self._buffer) < size:
            self._buffer = bytearray(size)
        rest = memoryview(self._buffer)[:size]
        try:
            self._file.seek(entry.begin)
            while rest:
                read = self._file.readinto(rest)
                if not read:
                    raise DiagnoseError(f"{self._path}: ends within {entry.name!r}; it changed while it was read")
                rest = rest[read:]
        except OSError as error:
            raise DiagnoseError(f"{self._path}: cannot be read ({error.strerror}); check the disk") from error
        dtype = FORMATS[entry.dtype].dtype
        return torch.frombuffer(self._buffer, dtype=dtype, count=size // dtype.itemsize)


def measure_factors(reader: FactorReader, pair: LoraPair) -> tuple[Entries, Entries, list[float] | None]:
    """Return the entries of down and of up, and the singular values of up @ down, descending, without the scale.

    There are `rank` singular values, or None if a number is not finite or float64 would overflow.

    Raises:
        DiagnoseError: the file ends early or cannot be read.
    """
    flat = reader.flat(pair.down)
    down = entries_of(flat, pair.down.dtype)
    root = root_of_gram(as_down(flat, pair), down.max) if fits(down.max, FLOAT64_RANGE) else None
    flat = reader.flat(pair.up)
    up = entries_of(flat, pair.up.dtype)
    if root is None or not fits(up.max, FLOAT64_RANGE):
        return down, up, None
    return down, up, singular_values(root, products(as_up(flat, pair)))


def as_down(flat: torch.Tensor, pair: LoraPair) -> Factor:
    """Return a down factor's numbers as [rank, fan_in]."""
    return flat.view(pair.rank, pair.fan_in)


def as_up(flat: torch.Tensor, pair: LoraPair) -> Factor:
    """Return an up factor's numbers, transposed, as [rank, fan_out]."""
    return flat.view(pair.fan_out, pair.rank).T


def entries_of(flat: torch.Tensor, dtype: str) -> Entries:
    """Add up a tensor's numbers, within 1e-6.

    NaN, infinities and zeros show in the extremes of the magnitude bits, so they are counted only where present.
    """
    form = FORMATS[dtype]
    bits = flat.view(form.bits) & form.magnitude
    smallest, largest = bits.aminmax()
    zeros = 0 if smallest else flat.numel() - int(torch.count_nonzero(bits))
    if largest >= form.infinite:
        return Entries(flat.numel(), None, None, None, int(torch.count_nonzero(bits >= form.infinite)), zeros)
    maximum = float(largest.view(form.dtype))
    magnitudes = bits.view(form.dtype).to(torch.float32 if fits(maximum, FLOAT32_RANGE) else torch.float64)
    return Entries(
        count=flat.numel(),
        absolute_sum=finite(float(magnitudes.sum())),
        square_sum=finite(float(magnitudes.dot(magnitudes))),
        max=maximum,
        non_finite=0,
        zeros=zeros,
    )


def fits(maximum: float | None, limits: tuple[float, float]) -> bool:
    """Whether numbers of which this is the largest can be reckoned with; None, for NaN and infinities, cannot."""
    return maximum is not None and (maximum == 0 or limits[0] < maximum < limits[1])


def products(first: Factor, second: Factor | None = None, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Return first @ secondᵀ, rank x rank in float64; with one factor its Gram matrix.

    `dtype` is the precision within a block of columns; blocks are added up in float64.
    """
    block = max(1, BLOCK // first.shape[0])
    total = torch.zeros(first.shape[0], (first if second is None else second).shape[0], dtype=torch.float64)
    for begin in range(0, first.shape[1], block):
        left = first[:, begin : begin + block].to(dtype)
        right = left if second is None else second[:, begin : begin + block].to(dtype)
        total += left @ right.T
    return total


def root_of_gram(down: Factor, maximum: float | None) -> torch.Tensor:
    """Return R with R Rᵀ = down downᵀ, rank x rank in float64.

    It comes from float32 products if the factor's largest number allows it and the matrix is well-conditioned.
    """
    root = _well_conditioned_root(products(down, dtype=torch.float32)) if fits(maximum, FLOAT32_RANGE) else None
    return _any_root(products(down)) if root is None else root


def _well_conditioned_root(gram: torch.Tensor) -> torch.Tensor | None:
    root: torch.Tensor
    root, failed = torch.linalg.cholesky_ex(gram)
    if failed:
        return None
    # The 1-norm bounds the spectral norm of a symmetric matrix from above.
    condition = torch.linalg.matrix_norm(gram, 1) * torch.linalg.matrix_norm(torch.cholesky_inverse(root), 1)
    return root if condition <= CONDITION_LIMIT else None


def _any_root(gram: torch.Tensor) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(gram)
    root: torch.Tensor = vectors * values.clamp(min=0).sqrt()
    return root


def singular_values(root_down: torch.Tensor, gram_up: torch.Tensor) -> list[float]:
    """Return the singular values of up @ down, descending; all matrices rank x rank in float64."""
    squares = torch.linalg.eigvalsh(root_down.T @ gram_up @ root_down)
    found: list[float] = squares.clamp(min=0).sqrt().flip(0).tolist()
    return found


def overlap(readers: Sequence[FactorReader], pairs: Sequence[LoraPair]) -> float:
    """Return the inner product <up1 @ down1, up2 @ down2> of two modules' updates, without their scales.

    It is the sum over the rank x rank matrices (up1ᵀ up2) * (down1 down2ᵀ). Not finite if a number is not.

    Raises:
        DiagnoseError: a file ends early or cannot be read.
    """
    downs = [as_down(reader.flat(pair.down), pair) for reader, pair in zip(readers, pairs, strict=True)]
    across = products(downs[0], downs[1])
    ups = [as_up(reader.flat(pair.up), pair) for reader, pair in zip(readers, pairs, strict=True)]
    return float((across * products(ups[0], ups[1])).sum())


def load_state(path: Path) -> Any:  # noqa: ANN401 - whatever a stranger's pickle holds; the caller checks it
    """Load a state dict of plain values and tensors; storages are mapped, and read where they are used.

    Raises:
        Exception: of many kinds, when the file is damaged or holds anything else.
    """
    return torch.load(path, map_location="cpu", weights_only=True, mmap=True)


def mean_of_integers(found: object) -> float | None:
    """Return the mean of an int8 tensor, None for anything else or an empty one."""
    if not isinstance(found, torch.Tensor) or found.dtype is not torch.int8 or not found.is_contiguous():
        return None
    flat = found.reshape(-1)
    total = sum(int(flat[begin : begin + BLOCK].sum()) for begin in range(0, flat.numel(), BLOCK))
    return total / flat.numel() if flat.numel() else None


def scalar(found: object) -> float | None:
    """Return a finite number, or the one in a tensor of one element, as a float; None for anything else."""
    return finite(found.item() if isinstance(found, torch.Tensor) and found.numel() == 1 else found)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep torch to one thread within, and put its setting back.

    The work is spread over modules; more threads inside small matrices only get in each other's way.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

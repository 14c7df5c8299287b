"""Read LoRA factors from a checkpoint, one at a time, and turn their bits into numbers. Every conversion is exact.

Into a buffer that is used again, not memory-mapped: a file cut off while it is read must be an error, not a SIGBUS.
Memory is bounded by one factor, whatever the size of the file. Imports numpy: import it where numbers are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import nan
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import TensorEntry
from diagnose.weights.lora_pairs import LoraPair

Bits: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Numbers as a file holds them, in unsigned integers of the format's width."""
Reals: TypeAlias = NDArray[np.floating[Any]]
"""Numbers to reckon with: float32, or float64 where they came as that."""
SINGLE_EXPONENT, SINGLE_MANTISSA, SINGLE_BIAS = 8, 23, 127


class Format(Struct, frozen=True):
    """A format of sign, exponent and mantissa bits. Without the sign, the bits of finite numbers order like integers.

    `infinite` is the smallest magnitude that is infinite or NaN.
    """

    exponent: int
    mantissa: int
    infinite: int

    @property
    def width(self) -> int:
        """Bytes of one number."""
        return (1 + self.exponent + self.mantissa) // 8

    @property
    def magnitude(self) -> int:
        """The mask of all bits but the sign."""
        return (1 << (self.exponent + self.mantissa)) - 1

    @property
    def bias(self) -> int:
        """What is added to the exponent of a number to store it."""
        return (1 << (self.exponent - 1)) - 1

    def bits(self, content: memoryview) -> Bits:
        """Return the numbers in a file's bytes, which are little-endian; nothing is copied."""
        return np.frombuffer(content, f"<u{self.width}")

    def numbers(self, bits: Bits) -> Reals:
        """Return finite numbers as float32, exactly; those of 32 and 64 bits as they are, not copied."""
        if self.width >= np.float32().itemsize:
            return bits.view(f"<f{self.width}")
        # The sign extends to the left, the fields move to their places, and the rest of the sign is cut off.
        wide = bits.view(f"<i{self.width}").astype(np.int32)
        wide <<= SINGLE_MANTISSA - self.mantissa
        numbers: Reals = wide.view(np.float32)
        if self.exponent < SINGLE_EXPONENT:
            wide &= np.int32(self.magnitude << (SINGLE_MANTISSA - self.mantissa)) | np.int32(-(2**31))
            numbers *= np.float32(2.0 ** (SINGLE_BIAS - self.bias))
        return numbers


FORMATS: Mapping[str, Format] = {
    "F64": Format(exponent=11, mantissa=52, infinite=0x7FF0_0000_0000_0000),
    "F32": Format(exponent=8, mantissa=23, infinite=0x7F80_0000),
    "F16": Format(exponent=5, mantissa=10, infinite=0x7C00),
    "BF16": Format(exponent=8, mantissa=7, infinite=0x7F80),
    "F8_E5M2": Format(exponent=5, mantissa=2, infinite=0x7C),
    "F8_E4M3": Format(exponent=4, mantissa=3, infinite=0x7F),
}


class Factor(Struct, frozen=True):
    """A LoRA factor as it lies in the file: `bits` is rank x width for down, and width x rank, `upright`, for up."""

    bits: Bits
    form: Format
    rank: int
    upright: bool

    def blocks(self, columns: int) -> Iterator[Reals]:
        """Yield the factor as numbers, rank x (at most) `columns` at a time; they must be finite."""
        for begin in range(0, self.bits.size // self.rank, columns):
            if self.upright:
                yield self.form.numbers(self.bits[begin : begin + columns]).T
            else:
                yield self.form.numbers(self.bits[:, begin : begin + columns])


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
        """Return the one number a tensor holds; NaN also for an infinity.

        Raises:
            DiagnoseError: as `down`.
        """
        form = FORMATS[entry.dtype]
        bits = form.bits(self._content(entry))
        return float(form.numbers(bits)[0]) if int(bits[0]) & form.magnitude < form.infinite else nan

    def down(self, pair: LoraPair) -> Factor:
        """Return the down factor, valid until the next reading.

        Raises:
            DiagnoseError: the file ends early or cannot be read.
        """
        return self._factor(pair.down, (pair.rank, pair.fan_in), upright=False)

    def up(self, pair: LoraPair) -> Factor:
        """Return the up factor, valid until the next reading.

        Raises:
            DiagnoseError: as `down`.
        """
        return self._factor(pair.up, (pair.fan_out, pair.rank), upright=True)

    def _factor(self, entry: TensorEntry, shape: tuple[int, int], *, upright: bool) -> Factor:
        form = FORMATS[entry.dtype]
        return Factor(form.bits(self._content(entry)).reshape(shape), form, shape[upright], upright)

    def _content(self, entry: TensorEntry) -> memoryview:
        size = entry.end - entry.begin
        if len(self._buffer) < size:
            self._buffer = bytearray(size)
        content = memoryview(self._buffer)[:size]
        rest = content
        try:
            self._file.seek(entry.begin)
            while rest:
                read = self._file.readinto(rest)
                if not read:
                    raise DiagnoseError(f"{self._path}: ends within {entry.name!r}; it changed while it was read")
                rest = rest[read:]
        except OSError as error:
            raise DiagnoseError(f"{self._path}: cannot be read ({error.strerror}); check the disk") from error
        return content

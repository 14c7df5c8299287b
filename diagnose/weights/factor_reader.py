"""Read LoRA factors from a checkpoint, one at a time, and turn their bits into numbers. Every conversion is exact.

Into a buffer that is used again, not memory-mapped: a file cut off while it is read must be an error, not a SIGBUS.
Memory is bounded by one factor, whatever the size of the file. Imports numpy: import it where numbers are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import TensorEntry
from diagnose.weights.lora_pairs import FORMATS, Format, LoraPair

Bits: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Numbers as a file holds them, in unsigned integers of the format's width."""
Reals: TypeAlias = NDArray[np.floating[Any]]
"""Numbers to reckon with: float32, or float64 where they came as that."""
SINGLE = FORMATS["F32"]


def numbers(bits: Bits, form: Format) -> Reals:
    """Return finite numbers as float32, exactly; those of 32 and 64 bits as they are, not copied."""
    if form.width >= np.float32().itemsize:
        return bits.view(f"<f{form.width}")
    # The sign extends to the left, the fields move to their places, and the rest of the sign is cut off.
    shift = SINGLE.mantissa - form.mantissa
    wide = bits.view(f"<i{form.width}").astype(np.int32)
    wide <<= shift
    found: Reals = wide.view(np.float32)
    if form.exponent < SINGLE.exponent:
        wide &= np.int32(form.magnitude << shift) | np.int32(-(2**31))
        found *= np.float32(2.0 ** (2 ** (SINGLE.exponent - 1) - 2 ** (form.exponent - 1)))
    return found


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
                yield numbers(self.bits[begin : begin + columns], self.form).T
            else:
                yield numbers(self.bits[:, begin : begin + columns], self.form)


class FactorReader:
    """Reads one factor at a time from one file into a buffer of its own. Not shared between threads.

    Raises DiagnoseError where the file cannot be opened or read, or ends early.
    """

    def __init__(self, path: Path) -> None:
        """Open the file."""
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
        """Return the one number a tensor holds; NaN also for an infinity."""
        bits, form = self._bits(entry)
        return float(numbers(bits, form)[0]) if int(bits[0]) & form.magnitude < form.infinite else nan

    def down(self, pair: LoraPair) -> Factor:
        """Return the down factor, valid until the next reading."""
        bits, form = self._bits(pair.down)
        return Factor(bits.reshape(pair.rank, pair.fan_in), form, pair.rank, upright=False)

    def up(self, pair: LoraPair) -> Factor:
        """Return the up factor, valid until the next reading."""
        bits, form = self._bits(pair.up)
        return Factor(bits.reshape(pair.fan_out, pair.rank), form, pair.rank, upright=True)

    def _bits(self, entry: TensorEntry) -> tuple[Bits, Format]:
        """Return a tensor's numbers as they lie in the buffer, little-endian, and their format."""
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
        form = FORMATS[entry.dtype]
        return np.frombuffer(content, f"<u{form.width}"), form

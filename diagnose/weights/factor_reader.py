"""Read LoRA factors from a checkpoint, one at a time.

Into a buffer that is used again, not memory-mapped: a file cut off while it is read must be an error, not a SIGBUS.
Memory is bounded by one factor, whatever the size of the file. Imports numpy with `diagnose.weights.formats`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import TensorEntry
from diagnose.weights.formats import FORMATS, Bits, Format, Reals
from diagnose.weights.lora_pairs import LoraPair


@dataclass(frozen=True, slots=True)
class Factor:
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
        form = FORMATS[pair.down.dtype]
        bits = form.bits(self._content(pair.down))
        return Factor(bits.reshape(pair.rank, pair.fan_in), form, pair.rank, upright=False)

    def up(self, pair: LoraPair) -> Factor:
        """Return the up factor, valid until the next reading.

        Raises:
            DiagnoseError: as `down`.
        """
        form = FORMATS[pair.up.dtype]
        bits = form.bits(self._content(pair.up))
        return Factor(bits.reshape(pair.fan_out, pair.rank), form, pair.rank, upright=True)

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

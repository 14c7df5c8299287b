"""The floating-point formats of checkpoints: the bits of a number, and the number. Every conversion is exact.

Imports numpy: import it where numbers are needed, not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Numbers as a file holds them, in unsigned integers of the format's width."""
Reals: TypeAlias = NDArray[np.floating[Any]]
"""Numbers to reckon with: float32, or float64 where they came as that."""
SINGLE_EXPONENT, SINGLE_MANTISSA, SINGLE_BIAS = 8, 23, 127


@dataclass(frozen=True, slots=True)
class Format:
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

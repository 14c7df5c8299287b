"""Sizes in bytes: the two units that are both called GB, and a size in words."""

from __future__ import annotations

import math

GB = 1e9
"""Bytes of a GB, as disks are sold."""
GIB = 2**30
"""Bytes of a GB of memory, as cards and memory modules are sold."""


def size(count: float) -> str:
    """Write a number of bytes as a disk's label does, in units of 1000: "1.2 GB", "27 GB"."""
    for unit, one in (("TB", 1e12), ("GB", GB), ("MB", 1e6)):
        if count >= one:
            return f"{count / one:.0f} {unit}" if count >= 10 * one else f"{count / one:.1f} {unit}"
    return f"{math.ceil(count / 1e3)} kB"

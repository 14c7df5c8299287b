"""A few bytes of a file that tell it from another of the same size and time of change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SAMPLES = 16
SAMPLE_BYTES = 4096


def samples(path: Path, size: int) -> Iterator[bytes]:
    """Yield a few stretches, evenly spread, of a file of `size` bytes whose time of change may lie.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        for index in range(SAMPLES):
            file.seek(max(0, size - SAMPLE_BYTES) * index // (SAMPLES - 1))
            yield file.read(SAMPLE_BYTES)

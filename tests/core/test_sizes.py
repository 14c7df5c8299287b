"""A number of bytes in words."""

from __future__ import annotations

import pytest

from diagnose.core.sizes import size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 kB"),
        (900, "1 kB"),
        (999_999, "1000 kB"),
        (1e6, "1.0 MB"),
        (1.5e6, "1.5 MB"),
        (9.9e6, "9.9 MB"),
        (10e6, "10 MB"),
        (1e9, "1.0 GB"),
        (1.2268e9, "1.2 GB"),
        (26.99e9, "27 GB"),
        (132e9, "132 GB"),
        (1e12, "1.0 TB"),
        (1.5e12, "1.5 TB"),
    ],
)
def test_a_size_reads_as_on_a_disk(count: float, words: str) -> None:
    assert size(count) == words

"""Name files in a fact's text: the worst first, as many as a line bears, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 5
MOST_CHARACTERS = 60


def named(files: Sequence[str]) -> str:
    """Return "a.mp4, b.mp4 and 3 more" of names that are short enough already; "none" for no files."""
    if not files:
        return "none"
    shown = ", ".join(files[:MOST_NAMED])
    left = len(files) - MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def shortened(name: str) -> str:
    """Return a file name cut in its middle to what a line bears."""
    if len(name) <= MOST_CHARACTERS:
        return name
    half = MOST_CHARACTERS // 2
    return f"{name[: half - 1]}…{name[-half:]}"

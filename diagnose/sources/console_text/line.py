"""A line of a console."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_SHOWN = 300
"""Characters of a line that are shown."""


class Line(NamedTuple):
    """A line as text, with its 1-based number in the file."""

    number: int
    text: str

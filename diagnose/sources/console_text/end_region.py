"""The last part of a console: what it says since the last step was trained, bounded however long that is."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from diagnose.sources.console_text.failure import Failure, failure
from diagnose.sources.console_text.forms import undoubled, unglued
from diagnose.sources.console_text.line import Line

MOST_FIRST, MOST_LAST = 500, 1_500
"""Lines kept of its beginning and of its end."""
LONGEST = 4_000
"""Characters kept of a line."""


class EndText(Struct, frozen=True):
    """The lines of the last part, as they were meant. What failed up to the line `outlived` ended nothing.

    `torn`: the text begins in the middle, so that a line that reads like an error is one.
    """

    lines: tuple[Line, ...] = ()
    outlived: int = 0
    torn: bool = False

    @property
    def deadly(self) -> tuple[Line, ...]:
        """The lines after which nothing went on."""
        return tuple(line for line in self.lines if line.number > self.outlived)

    def failure(self) -> Failure | None:
        """Return what failed last and was not outlived."""
        return failure(self.deadly, lone=self.torn)


class EndRegion:
    """Gathers the last part of a console, line by line."""

    def __init__(self) -> None:
        self._first: list[tuple[int, bytes]] = []
        self._last: deque[tuple[int, bytes]] = deque(maxlen=MOST_LAST)
        self._outlived = 0

    def add(self, number: int, text: bytes) -> None:
        """Take the next line; the drawings of one bar count once."""
        kept = self._last or self._first
        if b"%|" in text and kept and b"%|" in kept[-1][1] and text[:20] == kept[-1][1][:20]:
            kept[-1] = (number, text[:LONGEST])
        elif len(self._first) < MOST_FIRST:
            self._first.append((number, text[:LONGEST]))
        else:
            self._last.append((number, text[:LONGEST]))

    def went_on(self, number: int) -> None:
        """Note that what failed up to this line ended nothing."""
        self._outlived = number

    def clear(self) -> None:
        """Begin anew: a step was trained."""
        self._first.clear()
        self._last.clear()

    def text(self, *, torn: bool = False) -> EndText:
        """Return what was gathered, as it was meant."""
        raw = [Line(number, text.decode("utf-8", "replace")) for number, text in (*self._first, *self._last)]
        return EndText(tuple(undoubled(list(unglued(raw)))), self._outlived, torn)

"""Count what had to be repaired or skipped in a file: one remark per kind of trouble, not one per line."""

from __future__ import annotations

from msgspec import Struct

from diagnose.core.values import Place, Remark
from diagnose.sources.finite import GREATEST, logged_number


class Tally(Struct):
    """The troubles of one file, by kind; each keeps the place of its first occurrence."""

    file: str
    _counts: dict[tuple[str, str | None], tuple[Place, int]] = {}

    def add(self, text: str, *, line: int | None = None, key: str | None = None, step: int | None = None) -> None:
        """Count one occurrence. Occurrences are of one kind when their text and their key agree."""
        first, times = self._counts.get((text, key)) or (Place(self.file, line=line, key=key, step=step), 0)
        self._counts[text, key] = first, times + 1

    def number(self, value: object, key: str, *, step: int, line: int | None = None) -> float | None:
        """Return a number of a log; what is not finite or no number is unknown and counted."""
        if type(value) is float and -GREATEST <= value <= GREATEST:  # most are, of millions
            return value
        number = logged_number(value)
        if number is None and value is not None:
            self.no_number(key, step=step, line=line)
        return number

    def no_number(self, key: str, *, step: int, line: int | None = None) -> None:
        """Count a value that is not finite or no number."""
        self.add(f"{key} is not a finite number; taken as unknown", line=line, key=key, step=step)

    def remarks(self) -> tuple[Remark, ...]:
        """Return one remark per kind, in order of first occurrence: text, number, place of the first."""
        return tuple(
            Remark(first, text if times == 1 else f"{text} ({times} times, this is the first)")
            for (text, _), (first, times) in self._counts.items()
        )

"""Count what had to be repaired or skipped in a file: one remark per kind of trouble, not one per line."""

from __future__ import annotations

from msgspec import Struct

from diagnose.core.values import Place, Remark


class _Count(Struct):
    line: int | None
    step: int | None
    times: int = 0


class Tally(Struct):
    """The troubles of one file, by kind; each keeps the place of its first occurrence."""

    file: str
    _counts: dict[tuple[str, str | None], _Count] = {}

    def add(self, text: str, *, line: int | None = None, key: str | None = None, step: int | None = None) -> None:
        """Count one occurrence. Occurrences are of one kind when their text and their key agree."""
        count = self._counts.setdefault((text, key), _Count(line, step))
        count.times += 1

    def remarks(self) -> tuple[Remark, ...]:
        """Return one remark per kind, in order of first occurrence: text, number, place of the first."""
        return tuple(
            Remark(
                Place(self.file, line=count.line, key=key, step=count.step),
                text if count.times == 1 else f"{text} ({count.times} times, this is the first)",
            )
            for (text, key), count in self._counts.items()
        )

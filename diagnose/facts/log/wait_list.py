"""The waits of a log one after the other, held as columns: a long log has a million of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from operator import truediv
from typing import overload

from msgspec import Struct

from diagnose.sources.columns import Positions, picked, taken
from diagnose.sources.log_rows import LogRow, LogRows


class Wait(Struct, frozen=True, gc=False):
    """The time from one row to the next of the same start.

    `first` and `last` are the steps of the two rows. `previews` and `saves` are those due in it. `switched`: its one
    step trained the other expert than the step before; None where that is unknown, or it has several steps.
    """

    first: int
    last: int
    seconds: float
    previews: int
    saves: int
    switched: bool | None
    rows: LogRows
    at: int
    """The row from which on it lasts."""

    @property
    def before(self) -> LogRow:
        """The row from which on it lasts."""
        return self.rows[self.at]

    @property
    def row(self) -> LogRow:
        """The row that ends it."""
        return self.rows[self.at + 1]

    @property
    def steps(self) -> int:
        """The steps trained in it."""
        return self.last - self.first

    @property
    def pace(self) -> float:
        """Seconds a step, whatever else there was."""
        return self.seconds / self.steps

    @property
    def plain(self) -> bool:
        """Whether nothing but training was due."""
        return not self.previews and not self.saves


class WaitColumns(Struct, frozen=True, eq=False):
    """What is known of the time from each row to the next: the columns are one shorter than the rows."""

    rows: LogRows
    steps: array[int]
    """Of the rows."""
    seconds: array[float]
    previews: list[int]
    saves: list[int]
    switched: list[bool | None]


class WaitList(Struct, frozen=True, eq=False):
    """Some waits in order, by the positions of the rows from which on they last."""

    columns: WaitColumns
    at: Positions

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[Wait]:
        return map(self._wait, self.at)

    @overload
    def __getitem__(self, at: int) -> Wait: ...
    @overload
    def __getitem__(self, at: slice) -> WaitList: ...
    def __getitem__(self, at: int | slice) -> Wait | WaitList:
        """Return a wait, or a part of them."""
        return WaitList(self.columns, self.at[at]) if isinstance(at, slice) else self._wait(self.at[at])

    def where(self, flags: Iterable[object]) -> WaitList:
        """Return the waits whose flag is true."""
        return WaitList(self.columns, picked(self.at, flags))

    @property
    def seconds(self) -> array[float]:
        """How long each lasts."""
        return taken(self.columns.seconds, self.at)

    @property
    def last(self) -> list[int]:
        """The step of the row that ends each."""
        steps = self.columns.steps
        return [steps[at + 1] for at in self.at]

    @property
    def steps(self) -> list[int]:
        """The steps trained in each."""
        steps = self.columns.steps
        return [steps[at + 1] - steps[at] for at in self.at]

    @property
    def paces(self) -> list[float]:
        """Seconds a step in each, whatever else there was."""
        return list(map(truediv, self.seconds, self.steps))

    @property
    def plain(self) -> list[bool]:
        """Whether nothing but training was due in each."""
        previews, saves = self.columns.previews, self.columns.saves
        return [not previews[at] and not saves[at] for at in self.at]

    @property
    def switched(self) -> list[bool | None]:
        """Whether each trained the other expert than the step before."""
        switched = self.columns.switched
        return [switched[at] for at in self.at]

    def _wait(self, at: int) -> Wait:
        own = self.columns
        first, last = own.steps[at], own.steps[at + 1]
        return Wait(first, last, own.seconds[at], own.previews[at], own.saves[at], own.switched[at], own.rows, at)

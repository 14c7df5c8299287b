"""The rows of a log by step, held as columns: of a million rows each number takes eight bytes, and no row is an object.

Where all rows count, ask for a column; NaN or None in it is no value. A row is made where one is named.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import Any, Literal, TypeAlias, overload

from msgspec import Struct

from diagnose.sources.columns import Positions, picked, taken, unknown


class ExpertSource(str, Enum):
    """How a row's expert is known."""

    LOGGED = "logged"
    RATE = "rate"
    """Inferred: only this expert's learning rate moved in this row."""
    CADENCE = "cadence"
    """Inferred: from the switching cadence of rows whose expert is known."""


class LogRow(Struct, frozen=True, gc=False):
    """One logged step. None where the log has no value.

    `line` is the 1-based line in a text log, None in a database. `loss` 0.0 is kept as it stands: whether it
    means NaN is for the facts to say. `time` is seconds since the epoch (naive local time read as UTC).
    `rates` has the learning rate of each expert that has stepped, by its name; `lr_shared` is the one rate of a log
    that does not tell the experts apart. `file` is where the row stands in a log of several files, None where the log
    is one file. `elapsed` is seconds since the console's training bar began.
    """

    step: int
    line: int | None
    time: float | None = None
    loss: float | None = None
    expert: str | None = None
    expert_source: ExpertSource | None = None
    rates: Mapping[str, float] = {}
    lr_shared: float | None = None
    gradient_stability: float | None = None
    phase: str | None = None
    linear_alpha: float | None = None
    loss_r2: float | None = None
    elapsed: float | None = None
    file: str | None = None


Number: TypeAlias = Literal["time", "loss", "lr_shared", "gradient_stability", "linear_alpha", "loss_r2", "elapsed"]
Word: TypeAlias = Literal["expert", "expert_source", "phase", "file"]


class Columns(Struct, frozen=True, eq=False):
    """The values of rows: lines (0 for none), numbers and words by field, rates by expert. Empty ones are left out."""

    steps: array[int]
    lines: array[int]
    numbers: Mapping[str, array[float]] = {}
    words: Mapping[str, list[Any]] = {}
    rates: Mapping[str, array[float]] = {}


class LogRows(Struct, frozen=True, eq=False):
    """Rows in order of step, one for a step; a part of them shares their columns."""

    columns: Columns
    at: Positions

    @classmethod
    def over(cls, columns: Columns) -> LogRows:
        """Return all rows of some columns."""
        return cls(columns, range(len(columns.steps)))

    def __len__(self) -> int:
        return len(self.at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogRows) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.steps.tobytes())

    def __iter__(self) -> Iterator[LogRow]:
        return map(self._row, self.at)

    @overload
    def __getitem__(self, at: int) -> LogRow: ...
    @overload
    def __getitem__(self, at: slice) -> LogRows: ...
    def __getitem__(self, at: int | slice) -> LogRow | LogRows:
        """Return a row, or a part of the rows."""
        return LogRows(self.columns, self.at[at]) if isinstance(at, slice) else self._row(self.at[at])

    @property
    def steps(self) -> array[int]:
        """The step of each row."""
        return taken(self.columns.steps, self.at)

    def numbers(self, field: Number) -> array[float]:
        """Return a number of each row, NaN where it has none."""
        return self._floats(self.columns.numbers.get(field))

    def rate(self, expert: str) -> array[float]:
        """Return the learning rate of an expert in each row, NaN where it has none."""
        return self._floats(self.columns.rates.get(expert))

    @property
    def rated(self) -> tuple[str, ...]:
        """The experts that have a learning rate in any row of the log."""
        return tuple(self.columns.rates)

    def words(self, field: Word) -> list[Any]:
        """Return a word of each row, None where it has none."""
        column = self.columns.words.get(field)
        return [None] * len(self) if column is None else [column[at] for at in self.at]

    def where(self, flags: Iterable[object]) -> LogRows:
        """Return the rows whose flag is true."""
        return LogRows(self.columns, picked(self.at, flags))

    def renewed(
        self,
        *,
        numbers: Mapping[str, array[float]] | None = None,
        words: Mapping[str, list[Any]] | None = None,
        rates: Mapping[str, array[float]] | None = None,
    ) -> LogRows:
        """Return the rows with other columns: those numbers and words in place of their own, and those rates alone."""
        own = self.packed().columns
        return LogRows.over(
            Columns(
                own.steps,
                own.lines,
                {**own.numbers, **(numbers or {})},
                {**own.words, **(words or {})},
                own.rates if rates is None else rates,
            )
        )

    def packed(self) -> LogRows:
        """Return the same rows with columns of their own, unless they are all of theirs."""
        whole = self.columns
        if isinstance(self.at, range) and len(self.at) == len(whole.steps):
            return self
        return LogRows.over(
            Columns(
                self.steps,
                taken(whole.lines, self.at),
                {name: taken(column, self.at) for name, column in whole.numbers.items()},
                {name: [column[at] for at in self.at] for name, column in whole.words.items()},
                {name: taken(column, self.at) for name, column in whole.rates.items()},
            )
        )

    def _floats(self, column: array[float] | None) -> array[float]:
        return unknown(len(self)) if column is None else taken(column, self.at)

    def _row(self, at: int) -> LogRow:
        whole = self.columns
        values: dict[str, Any] = {name: column[at] for name, column in whole.words.items()}
        values |= {name: value for name, column in whole.numbers.items() if (value := column[at]) == value}
        rates = {name: rate for name, column in whole.rates.items() if (rate := column[at]) == rate}
        return LogRow(whole.steps[at], whole.lines[at] or None, rates=rates, **values)


NO_ROWS = LogRows.over(Columns(array("q"), array("q")))


def joined(parts: Sequence[LogRows]) -> LogRows:
    """Return the rows of parts, each of which begins after the end of the one before."""
    if len(parts) == 1:
        return parts[0]
    numbers, words, rates = (
        dict.fromkeys(chain.from_iterable(getattr(part.columns, kind) for part in parts))
        for kind in ("numbers", "words", "rates")
    )
    return LogRows.over(
        Columns(
            array("q", chain.from_iterable(part.steps for part in parts)),
            array("q", chain.from_iterable(taken(part.columns.lines, part.at) for part in parts)),
            {name: array("d", chain.from_iterable(part.numbers(name) for part in parts)) for name in numbers},
            {name: list(chain.from_iterable(part.words(name) for part in parts)) for name in words},
            {name: array("d", chain.from_iterable(part.rate(name) for part in parts)) for name in rates},
        )
    )


def latest_rows(starts: Sequence[LogRows]) -> LogRows:
    """Return the rows that count, of all starts of a run in their order.

    A start replaces what earlier ones show from its first step on: the trainer went back to a checkpoint, and that
    training was lost.
    """
    parts: list[LogRows] = []
    first = None
    for own in reversed(starts):
        part = own if first is None else own[: bisect_left(own.steps, first)]
        if own:
            first = own[0].step if first is None else min(first, own[0].step)
        if part:
            parts.append(part)
    return joined(parts[::-1]) if parts else NO_ROWS

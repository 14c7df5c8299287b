"""Takes the rows of a log as a reader finds them, and puts them into columns in order of step."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import chain, pairwise
from math import nan
from operator import attrgetter
from typing import Any, get_args

from diagnose.core.errors import DiagnoseError
from diagnose.sources.columns import unknown
from diagnose.sources.log_rows import Columns, LogRow, LogRows, Number, Word

MOST_ROWS = 1_000_000
"""Rows held of one log, some 100 MB; the longest runs of the field stay under 100,000 steps."""
BATCH = 4096
"""Rows that wait until they are put into columns together."""
_STEP, _LINE, _RATES = attrgetter("step"), attrgetter("line"), attrgetter("rates")
_NUMBERS = {name: attrgetter(name) for name in get_args(Number)}
_WORDS = {name: attrgetter(name) for name in get_args(Word)}


def check_room(rows: int, file: str) -> None:
    """Refuse to hold more rows than `MOST_ROWS`.

    Raises:
        DiagnoseError: the log has more steps than that.
    """
    if rows > MOST_ROWS:
        raise DiagnoseError(f"{file}: more than {MOST_ROWS:,} steps; give a log of one run")


class RowWriter:
    """The rows of a log so far; a step that is written again replaces the earlier row."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._waiting: list[LogRow] = []
        self._steps, self._lines = array("q"), array("q")
        self._numbers: dict[str, array[float]] = {}
        self._words: dict[str, list[Any]] = {}
        self._rates: dict[str, array[float]] = {}
        self._same: dict[str, str] = {}  # texts that rows repeat are held once
        self._last = -1  # the highest step
        self._seen: set[int] | None = None  # the steps, since one came that was not the highest
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, row: LogRow) -> bool:
        """Take a row, and return whether it replaces one.

        Raises:
            DiagnoseError: the log has more steps than any run.
        """
        self._waiting.append(row)
        if len(self._waiting) >= BATCH:
            self._write()
        step = row.step
        if step > self._last:
            self._last = step
            self._count += 1
            if self._seen is not None:
                self._seen.add(step)
            return False
        if self._seen is None:
            self._write()
            self._seen = set(self._steps)
            again = len(self._seen) == self._count
        else:
            again = step in self._seen
            self._seen.add(step)
        self._count = len(self._seen)
        return again

    def rows(self) -> LogRows:
        """Return the rows in order of step.

        Raises:
            DiagnoseError: as for `put`.
        """
        self._write()
        return self._written()

    def _written(self) -> LogRows:
        columns = Columns(self._steps, self._lines, self._numbers, self._words, self._rates)
        return LogRows.over(columns) if self._seen is None else _in_order(columns)

    def _write(self) -> None:
        """Put the rows that wait into the columns."""
        check_room(self._count, self._file)
        rows, before = self._waiting, len(self._steps)
        self._waiting = []
        self._steps.extend(map(_STEP, rows))
        self._lines.extend([line or 0 for line in map(_LINE, rows)])
        for name, value in _NUMBERS.items():
            _extend(self._numbers, name, list(map(value, rows)), before)
        rates = list(map(_RATES, rows))
        for name in {*self._rates, *chain.from_iterable(rates)}:
            _extend(self._rates, name, [own.get(name) for own in rates], before)
        for name, word in _WORDS.items():
            words = list(map(word, rows))
            if name in self._words or words.count(None) < len(words):
                column = self._words.setdefault(name, [None] * before)
                column.extend([self._same.setdefault(each, each) if type(each) is str else each for each in words])
        if len(self._steps) > 2 * max(self._count, BATCH):  # most rows were replaced
            own = self._written().columns
            self._steps, self._lines = own.steps, own.lines
            self._numbers, self._words, self._rates = dict(own.numbers), dict(own.words), dict(own.rates)


def _extend(columns: dict[str, array[float]], name: str, values: list[float | None], before: int) -> None:
    """Write numbers into their column, which begins with the first row that has one."""
    missing = values.count(None)
    if name not in columns:
        if missing == len(values):
            return
        columns[name] = unknown(before)
    columns[name].extend([nan if value is None else value for value in values])


def _in_order(columns: Columns) -> LogRows:
    """Return rows in order of step, of each step the one that was written last."""
    steps = columns.steps
    order = sorted(range(len(steps)), key=steps.__getitem__)
    last = [at for at, after in pairwise(order) if steps[at] != steps[after]]
    return LogRows(columns, array("q", [*last, *order[-1:]])).packed()


def rows_of(file: str, rows: Iterable[LogRow]) -> LogRows:
    """Return the rows that a reader found, in order of step.

    Raises:
        DiagnoseError: they have more steps than any run.
    """
    writer = RowWriter(file)
    for row in rows:
        writer.put(row)
    return writer.rows()

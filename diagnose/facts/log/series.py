"""The run's log as one series: which log to trust, and each expert's own steps in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.nan_steps import find_nan
from diagnose.sources.log_readings import LogReading, LogRow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


@dataclass(frozen=True, slots=True)
class Series:
    """The log that was used, its rows by step, and the steps whose loss was NaN.

    `nan_exact` tells whether the NaN steps are certain; otherwise some of them are runs of zero losses.
    """

    log: LogReading
    rows: tuple[LogRow, ...]
    nan_steps: frozenset[int]
    nan_exact: bool

    def own(self, expert: Expert) -> tuple[LogRow, ...]:
        """Return the rows in which this expert was trained."""
        return tuple(row for row in self.rows if row.expert == expert)

    def finite(self, rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
        """Return the rows that have a loss that was a number."""
        return tuple(row for row in rows if row.loss is not None and row.step not in self.nan_steps)

    def place(self, row: LogRow) -> Place:
        """Return where a row stands."""
        return self.log.place(row)


def build_series(readings: RunReadings, config: Config | None = None) -> Series | None:
    """Choose the log that tells most of those with rows; None where none has any.

    A trainer may leave a good log empty: then a poorer one serves. The config tells
    whether a loss of zero can be anything but NaN.
    """
    log = next((log for log in readings.logs if log.rows), None)
    if log is None:
        return None
    nan = find_nan(log, readings.console, config)
    return Series(log, log.rows, nan.steps, nan.exact)


def second_half(rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
    """Return the later half of the rows: past the warm-up, and half of all there is."""
    return tuple(rows[len(rows) // 2 :])

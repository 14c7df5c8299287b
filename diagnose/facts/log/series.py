"""The run's log as one series: which log to trust, and each expert's own steps in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.model import Expert, Place
from diagnose.sources.readings import LogReading, LogRow, RunReadings


@dataclass(frozen=True, slots=True)
class Series:
    """The log that was used, its rows by step, and the steps whose loss was NaN.

    `nan_exact` tells whether the console names the NaN steps; otherwise they are runs of zero losses.
    """

    log: LogReading
    rows: tuple[LogRow, ...]
    nan_steps: frozenset[int]
    nan_exact: bool

    def own(self, expert: Expert) -> tuple[LogRow, ...]:
        """Return the rows in which this expert was trained."""
        return tuple(row for row in self.rows if row.expert is expert)

    def finite(self, rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
        """Return the rows that have a loss that was a number."""
        return tuple(row for row in rows if row.loss is not None and row.step not in self.nan_steps)

    def place(self, row: LogRow) -> Place:
        """Return where a row stands."""
        return self.log.place(row)


ZERO_RUN = 3
"""Zero losses in a row, of one expert, that are read as NaN when no console says what they were. A single zero is
a draw of the timestep 1000 under weighted sampling, where the loss weight is exactly 0."""


def build_series(readings: RunReadings) -> Series | None:
    """Choose the log: per-step metrics, else upstream's database, else the console's progress bar; None without rows.

    The fork writes an empty metrics file for single-expert automagic runs: then the console serves.
    """
    console = readings.console
    logs = (readings.metrics, readings.loss_db, console.log if console else None)
    log = next((log for log in logs if log is not None and log.rows), None)
    if log is None:
        return None
    spelled = _spelled_nan(log)
    if spelled:
        return Series(log, log.rows, spelled, nan_exact=True)
    if console is not None and console.log.rows:
        # The trainer logs a NaN as 0.0; a step trained again after a resume has a loss, and not all are logged.
        lost = {row.step for row in log.rows if not row.loss}
        named = frozenset(mention.at.step for mention in console.nan_losses if mention.at.step in lost)
        return Series(log, log.rows, named, nan_exact=True)
    return Series(log, log.rows, _zero_runs(log.rows), nan_exact=False)


def second_half(rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
    """Return the later half of the rows: past the warm-up, and half of all there is."""
    return tuple(rows[len(rows) // 2 :])


def _spelled_nan(log: LogReading) -> frozenset[int]:
    """Return the steps whose loss the log itself writes as NaN or infinite; the reader leaves them without a loss."""
    if not any(remark.place.key == "loss" for remark in log.remarks):
        return frozenset()
    return frozenset(row.step for row in log.rows if row.loss is None)


def _zero_runs(rows: Sequence[LogRow]) -> frozenset[int]:
    found: set[int] = set()
    for expert in (*Expert, None):
        run: list[int] = []
        for row in [row for row in rows if row.expert is expert and row.loss is not None]:
            run = [*run, row.step] if row.loss == 0 else []
            if len(run) >= ZERO_RUN:
                found.update(run)
    return frozenset(found)

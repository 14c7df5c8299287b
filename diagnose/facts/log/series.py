"""The run's log as one series: which log to trust, which losses are NaN, and what of it is each expert's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from statistics import fmean

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_readings import ConsoleReading, LogReading, LogRow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


class Series(Struct, frozen=True, dict=True):
    """The log that was used, its rows by step, and the steps whose loss was NaN.

    `nan_exact` tells whether the NaN steps are certain; otherwise some of them are runs of zero losses.
    """

    log: LogReading
    rows: tuple[LogRow, ...]
    nan_steps: frozenset[int]
    nan_exact: bool

    def own(self, expert: str) -> tuple[LogRow, ...]:
        """Return the rows in which this expert was trained."""
        return self._own.get(expert, ())

    @cached_property
    def _own(self) -> Mapping[str | None, tuple[LogRow, ...]]:
        found: dict[str | None, list[LogRow]] = defaultdict(list)
        for row in self.rows:
            found[row.expert].append(row)
        return {expert: tuple(rows) for expert, rows in found.items()}

    @cached_property
    def stability_rows(self) -> tuple[LogRow, ...]:
        """The rows whose `gradient_stability` is their own: how often successive updates had the same sign.

        On the first step of a block the fork has no new value and repeats the other expert's last one.
        """
        kept = []
        for before, row in zip((None, *self.rows), self.rows, strict=False):
            switched = before is not None and before.expert != row.expert
            repeated = before is not None and before.gradient_stability == row.gradient_stability
            if row.gradient_stability is not None and not (switched and repeated):
                kept.append(row)
        return tuple(kept)

    def finite(self, rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
        """Return the rows that have a loss that was a number."""
        return tuple(row for row in rows if row.loss is not None and row.step not in self.nan_steps)

    def losses(self, rows: Sequence[LogRow]) -> list[float]:
        """Return the losses of these rows that were a number."""
        return [row.loss for row in self.finite(rows) if row.loss is not None]

    def place(self, row: LogRow) -> Place:
        """Return where a row is."""
        return self.log.place(row)


def build_series(readings: RunReadings, config: Config | None = None) -> Series | None:
    """Choose the log that tells most of those with rows; None where none has any.

    A trainer may leave a good log empty: then a poorer one serves. The config tells
    whether a loss of zero can be anything but NaN.
    """
    log = next((log for log in readings.logs if log.rows), None)
    if log is None:
        return None
    return Series(log, log.rows, *_find_nan(log, readings.console, config))


def second_half(rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
    """Return the later half of the rows: past the warm-up, and half of all there is."""
    return tuple(rows[len(rows) // 2 :])


def mean_agreement(series: Series, expert: str | None = None) -> float | None:
    """Return the mean stability over an expert's own rows, or over both experts'; None where none is logged."""
    own = (row for row in series.stability_rows if expert in (None, row.expert))
    values = [row.gradient_stability for row in own if row.gradient_stability is not None]
    return fmean(values) if values else None


ZERO_RUN = 3
"""Zero losses in a row, of one expert, that are read as NaN where nothing says what they were."""


def _find_nan(log: LogReading, console: ConsoleReading | None, config: Config | None) -> tuple[frozenset[int], bool]:
    """Return the steps whose loss was NaN, and whether that is certain: named, or zeros that can be nothing else.

    Where the log spells them, those are they; the reader leaves them without a loss. The console names those of the
    steps that it shows. Of the others a loss of exactly zero is a NaN where no weight can make it zero, else where
    several of one expert follow each other.
    """
    spelled = any(remark.place.key == "loss" for remark in log.remarks)
    if spelled and (lost := frozenset(row.step for row in log.rows if row.loss is None)):
        return lost, True
    told = {row.step for row in console.log.rows} if console is not None else set()
    # a step trained again after a resume has a loss, and not all are logged
    named = {mention.at.step for mention in console.nan_losses} if console is not None else set()
    nan = frozenset(row.step for row in log.rows if not row.loss and row.step in named & told)
    untold = [row for row in log.rows if row.step not in told]
    if config is not None and config.model.weighs_losses(config) is False:
        return nan | {row.step for row in untold if row.loss == 0}, True
    for expert in (*Expert, None):
        own = [row for row in untold if row.expert == expert and row.loss is not None]
        for zero, group in groupby(own, key=lambda row: row.loss == 0):
            steps = [row.step for row in group]
            nan |= frozenset(steps if zero and len(steps) >= ZERO_RUN else ())
    return nan, not untold


def without_strange_log(readings: RunReadings, config: Config | None) -> tuple[RunReadings, tuple[Remark, ...]]:
    """Return the readings without a log that is of another job than config and checkpoints alike, and a word on it.

    Where no checkpoint carries the config's name, the job may have been renamed since, and the log stays.
    """
    own = config.reading.job if config is not None else None
    strange = [log for log in readings.logs if log.job not in {None, own}]
    saved = {save.metadata["ss_output_name"] for save in readings.checkpoints if "ss_output_name" in save.metadata}
    if not strange or saved != {own}:
        return readings, ()
    words = "the log of {}, where config and checkpoints are of {}; it is not used: put its own log in place"
    remarks = tuple(Remark(Place(log.file), words.format(log.job, own)) for log in strange)
    return replace(readings, logs=tuple(log for log in readings.logs if log not in strange)), remarks

"""The run's log as one series: which log to trust, which losses are NaN, and what of it is each expert's own."""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import chain, groupby, pairwise
from math import nan
from operator import and_, itemgetter, not_
from statistics import fmean

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.columns import there
from diagnose.sources.log_readings import ConsoleReading, LogReading
from diagnose.sources.log_rows import LogRow, LogRows
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


class Series(Struct, frozen=True, dict=True):
    """The log that was used, its rows by step, and the steps whose loss was NaN.

    `nan_exact` tells whether the NaN steps are certain; otherwise some of them are runs of zero losses.
    """

    log: LogReading
    rows: LogRows
    nan_steps: frozenset[int]
    nan_exact: bool

    @cached_property
    def experts(self) -> frozenset[str | None]:
        """The experts that rows are of, None among them where of some it is not known."""
        return frozenset(self.rows.words("expert"))

    def own(self, expert: str | None) -> LogRows:
        """Return the rows in which this expert was trained; of None those of which it is not known."""
        found = self._own.get(expert)
        if found is None:
            found = self._own[expert] = self.rows.where([each == expert for each in self.rows.words("expert")])
        return found

    @cached_property
    def _own(self) -> dict[str | None, LogRows]:
        return {}

    @cached_property
    def stability_rows(self) -> LogRows:
        """The rows whose `gradient_stability` is their own: how often successive updates had the same sign.

        On the first step of a block the fork has no new value and repeats the other expert's last one.
        """
        experts, values = self.rows.words("expert"), self.rows.numbers("gradient_stability")
        seen = zip(pairwise(chain(experts[:1], experts)), pairwise(chain((nan,), values)), strict=True)
        fresh = [now != last or own == other for (other, own), (last, now) in seen]
        return self.rows.where(map(and_, there(values), fresh))

    def finite(self, rows: LogRows) -> LogRows:
        """Return the rows that have a loss that was a number."""
        told = rows.where(there(rows.numbers("loss")))
        lost = self.nan_steps
        return told.where([step not in lost for step in told.steps]) if lost else told

    def losses(self, rows: LogRows) -> array[float]:
        """Return the losses of these rows that were a number."""
        return self.finite(rows).numbers("loss")

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


def second_half(rows: LogRows) -> LogRows:
    """Return the later half of the rows: past the warm-up, and half of all there is."""
    return rows[len(rows) // 2 :]


def mean_agreement(series: Series, expert: str | None = None) -> float | None:
    """Return the mean stability over an expert's own rows, or over both experts'; None where none is logged."""
    rows = series.stability_rows
    if expert is not None:
        rows = rows.where([each == expert for each in rows.words("expert")])
    return fmean(rows.numbers("gradient_stability")) if rows else None


ZERO_RUN = 3
"""Zero losses in a row, of one expert, that are read as NaN where nothing says what they were."""


def _find_nan(log: LogReading, console: ConsoleReading | None, config: Config | None) -> tuple[frozenset[int], bool]:
    """Return the steps whose loss was NaN, and whether that is certain: named, or zeros that can be nothing else.

    Where the log spells them, those are they; the reader leaves them without a loss. The console names those of the
    steps that it shows. Of the others a loss of exactly zero is a NaN where no weight can make it zero, else where
    several of one expert follow each other.
    """
    rows, losses = log.rows, log.rows.numbers("loss")
    spelled = any(remark.place.key == "loss" for remark in log.remarks)
    if spelled and not all(there(losses)):
        return frozenset(rows.where(map(not_, there(losses))).steps), True
    told = set(console.log.rows.steps) if console is not None else set()
    # a step trained again after a resume has a loss, and not all are logged
    mentions = console.nan_losses if console is not None else ()
    named = {step for mention in mentions if (step := mention.at.step) is not None} & told
    found = named.intersection(rows.where([not abs(loss) > 0 for loss in losses]).steps) if named else set()
    untold = rows.where([step not in told for step in rows.steps]) if told else rows
    if config is not None and config.model.weighs_losses(config) is False:
        return frozenset(found | _zeros(untold)), True
    for expert in (*Expert, None):
        found |= _zeros(untold.where([each == expert for each in untold.words("expert")]), ZERO_RUN)
    return frozenset(found), not untold


def _zeros(rows: LogRows, fewest: int = 1) -> set[int]:
    """Return the steps with a loss of zero, of those with a loss at least so many one after the other."""
    losses = rows.numbers("loss")
    if 0.0 not in losses:
        return set()
    rows = rows.where(there(losses))
    logged = zip(rows.steps, rows.numbers("loss"), strict=True)
    groups = ([step for step, _ in group] for loss, group in groupby(logged, key=itemgetter(1)) if loss == 0)
    return set(chain.from_iterable(steps for steps in groups if len(steps) >= fewest))


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

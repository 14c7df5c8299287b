"""Which steps of a log had a NaN loss. The trainer logs a NaN as 0.0, so that a zero has to be understood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_readings import ConsoleReading, LogReading, LogRow
from diagnose.trainers.aitoolkit.timesteps import weighs_losses
from diagnose.trainers.declared import Config

ZERO_RUN = 3
"""Zero losses in a row, of one expert, that are read as NaN where nothing says what they were."""


class NanSteps(NamedTuple):
    """The steps with a NaN loss, and whether that is certain: named, or zeros that can be nothing else."""

    steps: frozenset[int]
    exact: bool


def find_nan(log: LogReading, console: ConsoleReading | None, config: Config | None) -> NanSteps:
    """Return the steps whose loss was NaN.

    Where the log spells them, those are they. The console names those of the steps that it shows. Of the others a loss
    of exactly zero is a NaN where no weight can make it zero, else where several of one expert follow each other.
    """
    spelled = _spelled(log)
    if spelled:
        return NanSteps(spelled, exact=True)
    told = {row.step for row in console.log.rows} if console is not None else set()
    # a step trained again after a resume has a loss, and not all are logged
    lost = {row.step for row in log.rows if not row.loss}
    mentioned = {mention.at.step for mention in console.nan_losses} if console is not None else set()
    named = {step for step in lost & told if step in mentioned}
    untold = [row for row in log.rows if row.step not in told]
    if config is not None and not weighs_losses(config):
        return NanSteps(frozenset(named | {row.step for row in untold if row.loss == 0}), exact=True)
    return NanSteps(frozenset(named) | _zero_runs(untold), exact=not untold)


def _spelled(log: LogReading) -> frozenset[int]:
    """Return the steps whose loss the log itself writes as NaN or infinite; the reader leaves them without a loss."""
    if not any(remark.place.key == "loss" for remark in log.remarks):
        return frozenset()
    return frozenset(row.step for row in log.rows if row.loss is None)


def _zero_runs(rows: Sequence[LogRow]) -> frozenset[int]:
    found: set[int] = set()
    for expert in (*Expert, None):
        run: list[int] = []
        for row in [row for row in rows if row.expert == expert and row.loss is not None]:
            run = [*run, row.step] if row.loss == 0 else []
            if len(run) >= ZERO_RUN:
                found.update(run)
    return frozenset(found)

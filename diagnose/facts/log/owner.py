"""Whose log it is: the trainer names the metrics file for the job that it trains."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Place, Remark
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


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

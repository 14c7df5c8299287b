"""Whose log it is: the trainer names the metrics file for the job that it trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from diagnose.core.model import Place, Remark
from diagnose.sources.log_readings import LogReading
from diagnose.sources.readings import RunReadings
from diagnose.trainers.aitoolkit.file_names import METRICS
from diagnose.trainers.declared import Config


def job_of_log(log: LogReading | None) -> str | None:
    """Return the job that a log's name tells; None for a log that is not named for its job."""
    match = METRICS.fullmatch(PurePosixPath(log.file).name) if log is not None else None
    return match["job"] if match else None


def without_strange_log(readings: RunReadings, config: Config | None) -> tuple[RunReadings, tuple[Remark, ...]]:
    """Return the readings without a log that is of another job than config and checkpoints alike, and a word on it.

    Where no checkpoint carries the config's name, the job may have been renamed since, and the log stays.
    """
    own, logged = config.reading.job if config is not None else None, job_of_log(readings.metrics)
    saved = {save.metadata["ss_output_name"] for save in readings.checkpoints if "ss_output_name" in save.metadata}
    if readings.metrics is None or logged in {None, own} or saved != {own}:
        return readings, ()
    text = f"the log of {logged}, where config and checkpoints are of {own}; it is not used: put its own log in place"
    return replace(readings, metrics=None), (Remark(Place(readings.metrics.file), text),)

"""Measuring checkpoints with a progress bar, on a terminal only: rate, time left, and gone when it is done."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from diagnose.cache import default_cache
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.measure import Advance, measure_run
from diagnose.weights.measurement import FileMeasurement


def measure_with_progress(checkpoints: Sequence[CheckpointFile]) -> tuple[FileMeasurement, ...]:
    """Measure the checkpoints; standard error shows how far it is if it is a terminal."""
    if not sys.stderr.isatty():
        return measure_run(checkpoints, cache=default_cache())
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    total = sum(checkpoint.size for checkpoint in checkpoints)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading checkpoints", total=total)

        def advance(step: Advance) -> None:
            bar.update(task, advance=step.bytes, description=step.file)

        return measure_run(checkpoints, cache=default_cache(), progress=advance)

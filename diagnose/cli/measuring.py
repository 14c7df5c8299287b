"""Measuring checkpoints with a progress bar, on a terminal only: rate, time left, and gone when it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diagnose.core.cache import default_cache

if TYPE_CHECKING:
    from diagnose.sources.readings import CheckpointFile
    from diagnose.weights.instrument import Advance, Progress
    from diagnose.weights.measurement import FileMeasurement
    from diagnose.weights.run_weights import RunWeights


def measure_with_progress(checkpoints: Sequence[CheckpointFile]) -> tuple[FileMeasurement, ...]:
    """Measure checkpoint files; standard error shows how far it is if it is a terminal."""
    from diagnose.weights.measure import measure_run  # noqa: PLC0415 - a run without checkpoints measures nothing

    with _bar(sum(checkpoint.size for checkpoint in checkpoints)) as progress:
        return measure_run(checkpoints, cache=default_cache(), progress=progress)


def follow_with_progress(checkpoints: Sequence[CheckpointFile]) -> RunWeights:
    """Measure the checkpoints of a run and compare a few of them, with one bar for both."""
    from diagnose.weights.measure import measure_weights, work  # noqa: PLC0415 - as above

    with _bar(work(checkpoints)) as progress:
        return measure_weights(checkpoints, cache=default_cache(), progress=progress)


@contextmanager
def _bar(total: int) -> Iterator[Progress | None]:
    """Yield what moves the bar by so many bytes of `total`; None where nobody sees it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - where there is no terminal, nothing waits for it
    from rich.progress import (  # noqa: PLC0415 - the same
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar  # noqa: PLC0415 - the same

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading checkpoints", total=total)

        def advance(step: Advance) -> None:
            bar.update(task, advance=step.bytes, description=step.file)

        yield advance

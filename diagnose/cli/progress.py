"""Progress on standard error, on a terminal only, and gone when the work is done.

Measuring checkpoints has a bar with rate and time left. Everything else that takes over a second has one line.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from diagnose.cli.messages import quiet
from diagnose.cli.streams import columns_of_terminal
from diagnose.core.activity import followed
from diagnose.core.cache import default_cache
from diagnose.report.spans import printable

if TYPE_CHECKING:
    from diagnose.sources.readings import CheckpointFile
    from diagnose.weights.instrument import Advance, Progress
    from diagnose.weights.measurement import FileMeasurement, RunWeights

PATIENCE = 1.0
"""Seconds before a line is shown."""
_TICK = 0.2
_CLEAR = "\r\x1b[K"
_lines: list[_Line] = []


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


def seen() -> bool:
    """Return whether there is anybody to see progress."""
    return sys.stderr.isatty() and not quiet()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show what is being done, once it has taken over a second; the work itself may say more."""
    if not seen() or _lines:
        yield
        return
    line = _Line(what)
    _lines.append(line)
    try:
        with followed(line.told):
            yield
    finally:
        _lines.remove(line)
        line.end()


class _Line:
    """A line that a thread of its own writes again and again, so that the work need not look at the clock."""

    def __init__(self, what: str) -> None:
        self._what, self._count, self.hidden = what, "", False
        self._ended = Event()
        self._start = time.monotonic()
        self._thread = Thread(target=self._write, daemon=True)
        self._thread.start()

    def told(self, what: str, done: int, total: int) -> None:
        """Take over what the work says."""
        self._what, self._count = what, f" {done} of {total}"

    def end(self) -> None:
        """Take the line away."""
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        shown = False
        while not self._ended.wait(_TICK):
            seconds = time.monotonic() - self._start
            if seconds >= PATIENCE and not self.hidden:
                words = printable(f"{self._what}{self._count} ({seconds:.0f} s)")
                sys.stderr.write(_CLEAR + words[: columns_of_terminal() - 1])
                sys.stderr.flush()
                shown = True
        if shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()


@contextmanager
def _bar(total: int) -> Iterator[Progress | None]:
    """Yield what moves the bar by so many bytes of `total`; None where nobody sees it."""
    if not seen() or not total:
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
    with _line_hidden(), Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading checkpoints", total=total)

        def advance(step: Advance) -> None:
            bar.update(task, advance=step.bytes, description=printable(step.file))

        yield advance


@contextmanager
def _line_hidden() -> Iterator[None]:
    """Hide the line while there is a bar; it comes back even where the work of the bar fails."""
    for line in _lines:
        line.hidden = True
    try:
        yield
    finally:
        for line in _lines:
            line.hidden = False

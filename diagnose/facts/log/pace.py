"""How long a step takes: at its best, at the end, and from where on it took longer.

Saves and previews lie between steps now and then, so medians over windows of steps are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from statistics import median

from diagnose.facts.log.series import Series
from diagnose.facts.record import Recorder
from diagnose.sources.log_readings import LogKind, LogRow

WINDOW = 20
FEWEST_WINDOWS = 3
HOUR = 3600


def record_pace(series: Series | None, record: Recorder) -> None:
    """Record the facts `log.pace_*`, `log.slow_from` and `run.hours_left`, seconds a step, where the log has times."""
    if series is None:
        return
    paces = list(_paces(series))
    windows = [paces[at : at + WINDOW] for at in range(0, len(paces) - WINDOW + 1, WINDOW)]
    if len(windows) < FEWEST_WINDOWS:
        return
    medians = [(window[0][0], median(seconds for _, seconds in window)) for window in windows]
    best, last = min(seconds for _, seconds in medians), medians[-1][1]
    if best <= 0:
        return
    end = [series.place(paces[-1][0])]
    record.known("log.pace_best", best, places=end, samples=len(paces))
    record.known("log.pace_last", last, places=end, samples=len(paces))
    record.known("log.pace_factor", last / best, places=end, samples=len(paces))
    quick = [at for at, (_, seconds) in enumerate(medians) if seconds <= sqrt(best * last)]
    slow = medians[max(quick) + 1 :]
    if slow:
        record.known("log.slow_from", slow[0][0].step, places=[series.place(slow[0][0])], samples=len(paces))
    configured, trained = record.number("run.steps_configured"), record.number("run.steps_trained")
    if configured is not None and trained is not None and configured > trained:
        record.known("run.hours_left", (configured - trained) * last / HOUR, places=end, samples=len(paces))


def _paces(series: Series) -> Iterator[tuple[LogRow, float]]:
    """Yield each row that follows another of the same start, with the seconds that a step between them took."""
    console = series.log.kind is LogKind.CONSOLE
    timed = [(row, row.elapsed if console else row.time) for row in series.rows]
    known = [(row, time) for row, time in timed if time is not None]
    for (before, earlier), (row, time) in pairwise(known):
        if time >= earlier:
            yield row, (time - earlier) / (row.step - before.step)

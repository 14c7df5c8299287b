"""The log's clock: how long a step takes, from where on it took longer, and whether the clock runs forwards.

Saves and previews lie between steps now and then, so medians over windows of steps are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from statistics import median

from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import Recorder
from diagnose.facts.trend import windows
from diagnose.sources.log_readings import LogRow

WINDOW = 20
FEWEST_WINDOWS = 3
SUMMER_TIME = (2700.0, 3600.0)
"""Seconds by which local time steps back at the end of summer time, less what a long step may take."""
HOUR = 3600


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.pace_*`, `log.slow_from`, `log.clock_back` and `run.hours_left`, seconds a step."""
    if evidence.series is not None:
        _record_pace(evidence.series, record)
        _record_clock(evidence.series, record)


def _record_pace(series: Series, record: Recorder) -> None:
    paces = list(_paces(series))
    medians = [(window[0][0], median(seconds for _, seconds in window)) for window in windows(paces, WINDOW)]
    if len(medians) < FEWEST_WINDOWS:
        return
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


def _record_clock(series: Series, record: Recorder) -> None:
    """Record the longest step back of the log's clock, in seconds; the end of summer time does not count."""
    timed = [row for row in series.rows if row.time is not None]
    if len(timed) < 2:  # noqa: PLR2004 - two moments make an interval
        return
    shortest, longest = SUMMER_TIME
    back = [(before.time or 0.0) - (row.time or 0.0) for before, row in pairwise(timed)]
    steps = [(0.0 if shortest <= step <= longest else step, row) for step, row in zip(back, timed[1:], strict=True)]
    worst, row = max(steps, key=lambda item: item[0])
    record.known("log.clock_back", max(0.0, worst), places=[series.place(row)])


def _paces(series: Series) -> Iterator[tuple[LogRow, float]]:
    """Yield each row that follows another of the same start, with the seconds that a step between them took."""
    clock = series.log.abilities.timed
    timed = [(row, row.time if clock else row.elapsed) for row in series.rows]
    known = [(row, time) for row, time in timed if time is not None]
    for (before, earlier), (row, time) in pairwise(known):
        if time >= earlier:
            yield row, (time - earlier) / (row.step - before.step)

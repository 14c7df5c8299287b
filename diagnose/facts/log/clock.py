"""Whether the log's clock runs forwards."""

from __future__ import annotations

from itertools import pairwise

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder
from diagnose.sources.columns import there
from diagnose.sources.log_rows import NO_ROWS

SUMMER_TIME = (2700.0, 3600.0)
"""Seconds by which local time steps back at the end of summer time, less what a long step may take."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the longest step back of the log's clock, in seconds; the end of summer time does not count."""
    series = evidence.series
    timed = series.rows.where(there(series.rows.numbers("time"))) if series is not None else NO_ROWS
    if series is None or len(timed) < 2:  # noqa: PLR2004 - two moments make an interval
        return
    shortest, longest = SUMMER_TIME
    steps = [before - after for before, after in pairwise(timed.numbers("time"))]
    back = [0.0 if shortest <= step <= longest else step for step in steps]
    worst = max(back)
    record.known("log.clock_back", max(0.0, worst), places=[series.place(timed[back.index(worst) + 1])])

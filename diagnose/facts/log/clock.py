"""Whether the log's clock runs forwards."""

from __future__ import annotations

from itertools import pairwise
from operator import itemgetter

from diagnose.facts.evidence import Evidence
from diagnose.facts.recorder import Recorder

SUMMER_TIME = (2700.0, 3600.0)
"""Seconds by which local time steps back at the end of summer time, less what a long step may take."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the longest step back of the log's clock, in seconds; the end of summer time does not count."""
    series = evidence.series
    timed = [row for row in series.rows if row.time is not None] if series is not None else []
    if series is None or len(timed) < 2:  # noqa: PLR2004 - two moments make an interval
        return
    shortest, longest = SUMMER_TIME
    back = (((before.time or 0.0) - (row.time or 0.0), row) for before, row in pairwise(timed))
    worst, row = max(((0.0 if shortest <= step <= longest else step, row) for step, row in back), key=itemgetter(0))
    record.known("log.clock_back", max(0.0, worst), places=[series.place(row)])

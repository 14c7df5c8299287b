"""The motion of a run's previews, one by one, as a table for plots of one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from diagnose.motion.measured import ClipMotion
from diagnose.motion.series import Point, PromptSeries
from diagnose.report.series import cell
from diagnose.verdict.motion import MotionTable

_OF_SERIES = ("prompt", "seed", "step")
_OF_CLIP = tuple(ClipMotion.__struct_fields__)
_REASON = "reason"


def as_csv(found: MotionTable) -> str:
    """Return a row for each preview that compares, by prompt and step; `reason` says why one has no figures."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_OF_SERIES, *_OF_CLIP, _REASON])
    for series in found.series.prompts:
        for point in series.every_point:
            writer.writerow([cell(each) for each in _row(series, point)])
    return text.getvalue()


def _row(series: PromptSeries, point: Point) -> Iterator[object]:
    """Yield what a preview is and how it moves; prompts count from 1, as in the report."""
    yield from (series.prompt + 1, series.seed, point.step)
    if isinstance(point.motion, ClipMotion):
        yield from (getattr(point.motion, name) for name in _OF_CLIP)
        yield None
    else:
        yield point.file
        yield from (None for _ in _OF_CLIP[1:])
        yield point.motion.reason

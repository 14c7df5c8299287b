"""What the learning rates will do, or were to do, under these settings."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.outlook.forecast import ForecastPoint
from diagnose.report.figures import Kind, figure
from diagnose.report.tables import table
from diagnose.report.wording import sentence
from diagnose.verdict.report import Report

MOST_ROWS = 6
_HEADING = "## Forecast of the learning rates"
_HEADER = ("Steps trained", "High LR", "Low LR", "Ratio high/low", "Nine in ten within")


def forecast(report: Report) -> list[str]:
    """The table of the forecast, with what was assumed; nothing where there is none."""
    expected = report.forecast
    if expected is None:
        return []
    assumed = " ".join(sentence(text[:1].upper() + text[1:]) for text in expected.assumptions)
    return [_HEADING, _course(expected.points), f"Assumed: {assumed}"]


def _course(points: Sequence[ForecastPoint]) -> str:
    """Return a few of the points as a table; where the experts have the same settings, a sentence says it all."""
    last = points[-1]
    if all(point.lr_high == point.lr_low for point in points):
        rate = figure(last.lr_high, Kind.RATE)
        return (
            f"Both experts have the same settings, so the ratio high/low is 1 throughout; the rate comes to {rate} "
            f"at step {last.step}."
        )
    rows = [
        [
            figure(point.step, Kind.COUNT),
            figure(point.lr_high, Kind.RATE),
            figure(point.lr_low, Kind.RATE),
            figure(point.lr_ratio, Kind.RATIO),
            f"{figure(point.band[0], Kind.RATIO)} to {figure(point.band[1], Kind.RATIO)}",
        ]
        for point in _few(points)
    ]
    return table(_HEADER, rows, numbers_from=0)


def _few(points: Sequence[ForecastPoint]) -> Sequence[ForecastPoint]:
    """Return at most MOST_ROWS points, evenly spread, the last among them; JSON has them all."""
    stride = -(-len(points) // MOST_ROWS)
    return points[::-1][::stride][::-1]

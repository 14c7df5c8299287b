"""What the learning rates will do, or were to do, under these settings."""

from __future__ import annotations

from diagnose.report.figures import Kind, figure
from diagnose.report.tables import table
from diagnose.report.wording import sentence
from diagnose.verdict.report import Report

_HEADER = ("Steps trained", "High LR", "Low LR", "Ratio high/low", "Nine in ten within")


def forecast(report: Report) -> list[str]:
    """The table of the forecast, with what was assumed; nothing where there is none."""
    expected = report.forecast
    if expected is None:
        return []
    rows = [
        [
            figure(point.step, Kind.COUNT),
            figure(point.lr_high, Kind.RATE),
            figure(point.lr_low, Kind.RATE),
            figure(point.lr_ratio, Kind.RATIO),
            f"{figure(point.band[0], Kind.RATIO)} to {figure(point.band[1], Kind.RATIO)}",
        ]
        for point in expected.points
    ]
    assumed = " ".join(sentence(text[:1].upper() + text[1:]) for text in expected.assumptions)
    return ["## Forecast of the learning rates", table(_HEADER, rows, numbers_from=0), f"Assumed: {assumed}"]

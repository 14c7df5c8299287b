"""All figures of a report, in reading order."""

from __future__ import annotations

from diagnose.report.charts.figure import Figure
from diagnose.report.charts.film import film
from diagnose.report.charts.heat_map import heat_maps
from diagnose.report.charts.losses import loss_figures
from diagnose.report.charts.rates import rate_figures
from diagnose.report.charts.timeline import timeline
from diagnose.report.charts.weights import weight_figures
from diagnose.verdict.report import Report


def figures(report: Report) -> list[Figure]:
    """Return the figures that the report has the data for."""
    rates, weights = rate_figures(report), weight_figures(report)
    return [*rates[::-1], *weights, *film(report), *loss_figures(report), *heat_maps(report), *timeline(report)]

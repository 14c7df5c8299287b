"""The loss of each expert, smoothed, with the steps over which the report gives its mean."""

from __future__ import annotations

from diagnose.report.charts.figure import Figure, looks, of_curves, points
from diagnose.report.charts.plot import Area, Curve, Range
from diagnose.report.figures import Kind, counted, figure
from diagnose.report.spans import line
from diagnose.verdict.report import Report

_SAYS = (
    "Each point is the mean of {batches}; four in five losses lie in the shaded band. "
    "The two losses cannot be compared: each expert has its own noise levels."
)


def loss_figures(report: Report) -> list[Figure]:
    """Return a figure of each expert's loss."""
    return [found for expert in report.titles for found in _loss(report, expert)]


def _loss(report: Report, expert: str) -> list[Figure]:
    look, name = looks(report.titles)[expert]
    spreads = {each.last: each.loss[expert] for each in report.curves.stretches if expert in each.loss}
    if not spreads:
        return []
    edges = tuple(
        (at, each.low, each.high) for at, each in spreads.items() if each.low is not None and each.high is not None
    )
    window = report.curves.loss_windows.get(expert)
    mean = dict(report.experts)[expert].loss_mean
    used = f"window of the mean, {figure(mean, Kind.LOSS)}"
    most = max(each.batches for each in spreads.values())
    return of_curves(
        f"loss-{expert}",
        f"Loss, {name}",
        line(_SAYS.format(batches=counted(most, "batch", "batches") if most == 1 else f"up to {most} batches")),
        [Curve(name, look, points((at, each.mean) for at, each in spreads.items()))],
        Kind.LOSS,
        areas=[Area(look, edges)] if len(edges) > 1 else [],
        ranges=[Range(used, "window", *window)] if window and mean is not None else [],
        notes=("Batches", {at: counted(each.batches, "batch", "batches") for at, each in spreads.items()}),
    )

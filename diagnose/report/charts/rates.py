"""What the log says: learning rates and their ratio beside the target and the forecast, and the loss of each expert."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.outlook.forecast import ForecastPoint
from diagnose.report.charts.figure import FEWEST, ONE, Figure, looks, of_curves, points
from diagnose.report.charts.plot import Area, Curve, Range
from diagnose.report.figures import Kind, between, counted, figure
from diagnose.report.spans import Line, line
from diagnose.verdict.report import Report


def rate_figures(report: Report) -> list[Figure]:
    """Return the figures of the learning rates, as far as the log has them, else the forecast."""
    return [*_ratio(report), *_rates(report)]


def _rates(report: Report) -> list[Figure]:
    own, stretches = looks(report.titles), report.curves.stretches
    logged = [
        Curve(name, look, points((each.last, each.lr.get(expert)) for each in stretches))
        for expert, (look, name) in own.items()
    ]
    if not any(curve.points for curve in logged):
        logged = [Curve("one rate for both experts", ONE, points((each.last, each.lr_mixed) for each in stretches))]
    if any(curve.points for curve in logged):
        mixed = logged[0].look == ONE and report.lr_ratio.observed_last is None
        return of_curves("rates", "Learning rates", _says(logged, mixed=mixed), logged, Kind.RATE)
    expected = [
        Curve(name, look, points((each.step, each.lr.get(expert)) for each in _ahead(report)), dashed=True)
        for expert, (look, name) in own.items()
    ]
    says = line("What the learning rates of this config should do, step by step.")
    return of_curves("rates", "Expected learning rates", says, expected, Kind.RATE)


def _says(logged: Sequence[Curve], *, mixed: bool) -> Line:
    if mixed:
        return line("The log mixes the rates of both experts in one. It does not show the rate of either.")
    return line(f"From the log: {'; '.join(_course(curve) for curve in logged if curve.points)}.")


def _course(curve: Curve) -> str:
    first, last = (figure(curve.points[at][1], Kind.RATE) for at in (0, -1))
    same = len({value for _, value in curve.points}) == 1
    return f"{curve.name} {first} throughout" if same else f"{curve.name} {first} to {last}"


def _ratio(report: Report) -> list[Figure]:
    logged = points((each.last, each.lr_ratio) for each in report.curves.stretches)
    ahead = _ahead(report, logged[-1][0] if logged else None)
    if not logged and len(ahead) < FEWEST:
        return []
    wanted = report.next.lr_ratio_wanted
    low, high = wanted or (0.0, 0.0)
    target = f"target {between((low, high), Kind.OTHER)}"
    curves = (
        Curve("in the log", ONE, logged),
        Curve("forecast", "ahead", points((each.step, each.lr_ratio) for each in ahead), dashed=True),
    )
    bands = {each.step: f"90 % range {between(each.band, Kind.RATIO)}" for each in ahead}
    return of_curves(
        "ratio",
        "Learning-rate ratio high/low",
        _ratio_says(report, target if wanted else ""),
        curves,
        Kind.RATIO,
        areas=[Area("ahead", tuple((each.step, *each.band) for each in ahead))] if len(ahead) >= FEWEST else [],
        ranges=[Range(target, "goal", low, high, upright=False)] if wanted else [],
        notes=("Forecast, 90 % range", bands),
    )


def _ratio_says(report: Report, target: str) -> Line:
    last, ahead = report.lr_ratio.observed_last, report.forecast.points if report.forecast is not None else ()
    wanted = f" ({target})" if target else ""
    range_ = "the forecast for this config, with the range of nine runs in ten"
    if last is None:
        return line(f"Expected: {figure(ahead[-1].lr_ratio, Kind.RATIO)}{wanted}. Dashed: {range_}." if ahead else "")
    return line(f"{figure(last, Kind.RATIO)} at the end of the log{wanted}{f'; dashed: {range_}' if ahead else ''}.")


def _ahead(report: Report, until: int | None = None) -> Sequence[ForecastPoint]:
    """Return the forecast, as far as the log goes."""
    every = report.forecast.points if report.forecast is not None else ()
    return [each for each in every if until is None or each.step <= until + 1]


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

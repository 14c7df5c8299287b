"""The learning-rate ratio high/low that a run is judged by, the band it is known to, and where it comes from.

The log decides; where it has no rate per expert, the live rates in the optimizer's state; before a run, what the
config comes to; else the settings as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.logged_rates import observed_ratio, ratio_of, ratios
from diagnose.facts.log.series import Series, second_half
from diagnose.facts.outlook.expectation import Expectation
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Targets
from diagnose.sources.columns import known
from diagnose.trainers.answers import EffectiveRates
from diagnose.weights.measurement import OptimizerReading, ParamGroup


class Judged(Struct, frozen=True):
    """A ratio, the least and the greatest it may be, and in words where it comes from."""

    ratio: float
    band: tuple[float, float]
    basis: str
    places: tuple[Place, ...]
    samples: int | None = None
    note: str = ""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the live rates, the observed ratio, and as `lr.ratio*` the one to judge by with its band."""
    targets, optimizer = evidence.targets, evidence.optimizer
    live = record_live_rates(optimizer, record)
    judged = _observed(evidence.series, targets, record)
    if judged is None and live is not None and optimizer is not None:
        note = "of the live rates in the optimizer's state at the latest save; the log has no rate per expert"
        places = (Place(optimizer.file),)
        judged = Judged(live, _around(live, targets), "live rates at the latest save", places, note=note)
    judged = judged or _ahead(evidence.rates, evidence.expectation, targets)
    if judged is None:
        return
    least, most = judged.band
    for name, value in (("", judged.ratio), ("_least", least), ("_most", most), ("_basis", judged.basis)):
        record.known(f"lr.ratio{name}", value, places=judged.places, samples=judged.samples, note=judged.note)


def _observed(series: Series | None, targets: Targets, record: Recorder) -> Judged | None:
    """Record what the log shows of the ratio, and return it."""
    observed = observed_ratio(series) if series is not None else None
    if series is None or observed is None:
        return None
    place = series.place(observed.last_row)
    span, note = [place], f"median from step {observed.first_row.step} to {observed.last_row.step}"
    record.known("log.lr_ratio_last", observed.last, places=span, samples=observed.samples)
    record.known("log.lr_ratio_median", observed.median, places=span, samples=observed.samples, note=note)
    least, most = targets.ratio_range
    late = known(ratios(second_half(series.rows)))
    if late:
        held = sum(least <= ratio <= most for ratio in late)
        record.known("log.lr_ratio_held", held / len(late), places=span, samples=len(late))
    return Judged(observed.median, _around(observed.median, targets), note, (place,), observed.samples, note)


def _around(ratio: float, targets: Targets) -> tuple[float, float]:
    return ratio / (1 + targets.ratio_tolerance), ratio * (1 + targets.ratio_tolerance)


def _ahead(rates: EffectiveRates | None, expectation: Expectation | None, targets: Targets) -> Judged | None:
    """Return the ratio that a config comes to, or where its rates keep one proportion, that one."""
    if rates is None:
        return None
    forecast = expectation.forecast if expectation is not None else None
    if forecast is not None:
        within = [point for point in forecast.points if point.step <= targets.longest]
        point = within[-1] if within else forecast.points[0]
        low, high = point.band
        declared = f"; declared: {rates.declared_ratio:.2f}" if rates.declared_ratio is not None else ""
        basis = f"forecast for step {point.step}: {low:.2f} to {high:.2f}{declared}"
        return Judged(point.lr_ratio, point.band, basis, rates.places, note=f"forecast: {forecast.assumptions[0]}")
    if rates.ratio is None:
        return None
    note = "from the effective settings; the log has no rate per expert"
    return Judged(rates.ratio, (rates.ratio, rates.ratio), "from the settings", rates.places, note=note)


def logs_rates(series: Series | None) -> bool:
    """Return whether the log has a rate for each expert, so that the optimizer's state adds nothing."""
    return series is not None and any(known(ratios(series.rows)))


def record_live_rates(optimizer: OptimizerReading | None, record: Recorder) -> float | None:
    """Record `optimizer.*` of each expert and return the ratio high/low of the live rates, None unless both are known.

    The file is of the latest save, whose step it does not name.
    """
    # the fork makes one group per expert, high noise first; a single group does not say whose it is
    groups = optimizer.groups if optimizer is not None and len(optimizer.groups) == len(Expert) else ()
    places = [Place(optimizer.file)] if optimizer is not None else []
    live: dict[str, float] = {}
    for expert, group in zip(Expert, groups, strict=False):
        if group.rate:
            live[expert.value] = group.rate
            record.known("optimizer.live_rate", group.rate, subject=expert.value, places=places)
        _record_settings(expert, group, places, record)
    return ratio_of(live)


def _record_settings(expert: Expert, group: ParamGroup, places: Sequence[Place], record: Recorder) -> None:
    """Record the bump and bounds that an expert's group holds, and how far they are from those of the config."""
    held = {"lr_bump": group.lr_bump, "lr_min": group.min_lr, "lr_max": group.max_lr}
    if None in held.values():
        return
    apart = []
    for name, value in held.items():
        record.known(f"optimizer.{name}", value or 0.0, subject=expert.value, places=places)
        due = record.number(f"effective.{name}", expert.value)
        if due and value:
            apart.append(max(value / due, due / value))
    if apart:
        record.known("gap.lr_bounds", max(apart), subject=expert.value, places=places)

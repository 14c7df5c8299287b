"""Losses and gradient stability per expert: level, scatter, trend.

The two experts' losses are never compared: they are drawn at different timesteps, under different weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median, stdev

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series, mean_agreement, second_half
from diagnose.facts.recorder import Recorder
from diagnose.facts.trend import block_means, theil_sen, windows
from diagnose.sources.columns import there
from diagnose.sources.log_readings import LogReading
from diagnose.sources.log_rows import LogRows

TREND_BLOCKS = 20
FEWEST_VALIDATIONS = 3
CV_WINDOW = 50
"""Rows of the loss variation that the fork's alpha scheduler looks at (alpha_scheduler.py, get_loss_cv)."""


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.rows`, `log.batches`, `log.loss_*`, `log.val_loss_*` and `log.gradient_stability`."""
    validated = next((log for log in evidence.readings.logs if log.validations), None)
    if validated is not None:
        _record_validation(validated, record)
    if evidence.series is not None:
        _record_losses(evidence.series, record)
        _record_stability(evidence.series, record)


def _record_losses(series: Series, record: Recorder) -> None:
    record.known("log.rows", len(series.rows), places=[Place(series.log.file)])
    blow_ups: list[tuple[float, int, Place]] = []
    for expert in Expert:
        rows = series.own(expert)
        if not rows:
            continue
        record.known("log.batches", len(rows), subject=expert.value, places=[Place(series.log.file)])
        finite = series.finite(rows)
        late = second_half(finite)
        if len(late) > 1:
            losses = series.losses(late)
            places = [series.place(late[0]), series.place(late[-1])]
            note = f"over {len(losses)} batches, steps {late[0].step} to {late[-1].step}"
            for name, value in (("log.loss_mean", fmean(losses)), ("log.loss_std", stdev(losses))):
                record.known(name, value, subject=expert.value, places=places, samples=len(losses), note=note)
        if len(finite) >= 2 * TREND_BLOCKS:
            _record_trend(series, expert, late, record)
            quarter = len(finite) // 4
            first, last = (median(series.losses(part)) for part in (finite[:quarter], finite[-quarter:]))
            if first > 0:
                blow_ups.append((last / first, quarter, series.place(finite[-1])))
    if blow_ups:
        worst, samples, place = max(blow_ups, key=lambda item: item[0])
        record.known("log.loss_blow_up", worst, places=[place], samples=samples)


def _record_trend(series: Series, expert: Expert, late: LogRows, record: Recorder) -> None:
    losses = block_means(series.losses(late), TREND_BLOCKS)
    steps = block_means(late.steps, TREND_BLOCKS)
    trend = theil_sen(steps, losses)
    level = median(losses)
    if trend is None or level <= 0:
        return
    places = [series.place(late[0]), series.place(late[-1])]
    slope, low, high = (each / level * 1e5 for each in (trend.slope, trend.low, trend.high))
    note, subject = f"90 % band {low:+.1f} to {high:+.1f}", expert.value
    record.known("log.loss_trend", slope, subject=subject, places=places, samples=len(late), note=note)
    record.known("log.loss_trend_certain", trend.certain, subject=subject, places=places, samples=len(late))


def _record_validation(log: LogReading, record: Recorder) -> None:
    """Record upstream's validation: the best loss, its step, and the last beside the best."""
    if len(log.validations) < FEWEST_VALIDATIONS:
        return
    best, last = min(log.validations, key=lambda each: each.loss), log.validations[-1]
    count = len(log.validations)
    record.known("log.val_loss_best", best.loss, places=[Place(log.file, step=best.step)], samples=count)
    record.known("log.val_loss_best_step", best.step, places=[Place(log.file, step=best.step)], samples=count)
    if best.loss > 0:
        place = [Place(log.file, step=last.step)]
        record.known("log.val_loss_rise", last.loss / best.loss, places=place, samples=count)


def _record_stability(series: Series, record: Recorder) -> None:
    rows = series.stability_rows
    agreement = mean_agreement(series)
    if agreement is not None:
        places = [series.place(rows[0]), series.place(rows[-1])]
        record.known("log.gradient_stability", agreement, places=places, samples=len(rows))
    fitted = series.rows.where(there(series.rows.numbers("loss_r2")))
    if fitted:
        record.known("log.loss_r2", fitted.numbers("loss_r2")[-1], places=[series.place(fitted[-1])])
    variation = mixed_variation(series)
    if variation is not None:
        record.known("log.loss_cv", variation[0], places=[Place(series.log.file)], samples=variation[1])


def mixed_variation(series: Series) -> tuple[float, int] | None:
    """Return the median over the run of std/mean of CV_WINDOW consecutive losses, both experts mixed, and the count.

    This is what the fork's phase scheduler gates on at 0.5; windows do not overlap here, so that they are
    independent.
    """
    losses = series.losses(series.rows)
    means = ((window, fmean(window)) for window in windows(losses, CV_WINDOW))
    values = [_deviation(window, mean) / mean for window, mean in means if mean > 0]
    return (median(values), len(losses)) if values else None


def _deviation(values: Sequence[float], mean: float) -> float:
    """Return the standard deviation of a sample; a tenth of the time of `stdev`, which sums fractions."""
    return math.hypot(*(value - mean for value in values)) / math.sqrt(len(values) - 1)

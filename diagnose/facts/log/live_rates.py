"""What an optimizer.pt holds of the rates: its settings, and the live ones where no log names a rate per expert."""

from __future__ import annotations

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.rates import both_rates
from diagnose.facts.log.series import Series
from diagnose.facts.record import Recorder
from diagnose.weights.run_weights import OptimizerReading


def logs_rates(series: Series | None) -> bool:
    """Return whether the log has a rate for each expert, so that the optimizer's state adds nothing."""
    return series is not None and any(both_rates(row) for row in series.rows)


def record_live_rates(optimizer: OptimizerReading | None, record: Recorder) -> float | None:
    """Record `optimizer.*` of each expert and return the ratio high/low of the live rates, None unless both are known.

    The file is of the latest save, whose step it does not name.
    """
    if optimizer is None:
        return None
    _record_settings(optimizer, record)
    live = {group.expert: group.rate for group in optimizer.groups if group.expert is not None and group.rate}
    for expert, rate in live.items():
        if rate is not None:
            record.known("optimizer.live_rate", rate, subject=expert.value, places=[Place(optimizer.file)])
    high, low = live.get(Expert.HIGH), live.get(Expert.LOW)
    return high / low if high and low else None


def _record_settings(optimizer: OptimizerReading, record: Recorder) -> None:
    """Record the bump and bounds that each expert's group holds, and how far they are from those of the config."""
    for group in optimizer.groups:
        held = {"lr_bump": group.lr_bump, "lr_min": group.min_lr, "lr_max": group.max_lr}
        if group.expert is None or None in held.values():
            continue
        subject, place, apart = group.expert.value, [Place(optimizer.file)], []
        for name, value in held.items():
            record.known(f"optimizer.{name}", value or 0.0, subject=subject, places=place)
            due = record.number(f"effective.{name}", subject)
            if due and value:
                apart.append(max(value / due, due / value))
        if apart:
            record.known("gap.lr_bounds", max(apart), subject=subject, places=place)

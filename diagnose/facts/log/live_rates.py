"""The learning rates an optimizer.pt holds: what is left to read where no log names a rate per expert."""

from __future__ import annotations

from diagnose.facts.log.series import Series
from diagnose.facts.record import Recorder
from diagnose.model import Expert, Place
from diagnose.weights.optimizer_reading import OptimizerReading


def logs_rates(series: Series | None) -> bool:
    """Return whether the log has a rate for each expert, so that the optimizer's state adds nothing."""
    return series is not None and any(row.lr_high and row.lr_low for row in series.rows)


def record_live_rates(optimizer: OptimizerReading | None, record: Recorder) -> float | None:
    """Record `optimizer.live_rate` of each expert and return their ratio high/low, None unless both are known.

    The file is of the latest save, whose step it does not name.
    """
    if optimizer is None:
        return None
    live = {group.expert: group.rate for group in optimizer.groups if group.expert is not None and group.rate}
    for expert, rate in live.items():
        if rate is not None:
            record.known("optimizer.live_rate", rate, subject=expert.value, places=[Place(optimizer.file)])
    high, low = live.get(Expert.HIGH), live.get(Expert.LOW)
    return high / low if high and low else None

"""The mean sign agreement that a log tells: of each expert's own rows."""

from __future__ import annotations

import pytest
from builders import readings

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.log.series import Series, build_series
from diagnose.facts.log.sign_agreement import mean_agreement, stability_rows
from diagnose.sources.log_readings import LogRow

HIGH, LOW = Expert.HIGH, Expert.LOW


def logged(*values: tuple[Expert, float | None]) -> Series:
    rows = [LogRow(s, s + 1, loss=0.1, expert=e, gradient_stability=each) for s, (e, each) in enumerate(values)]
    series = build_series(readings(metrics=rows))
    assert series is not None
    return series


def test_a_value_that_only_repeats_the_other_experts_does_not_count() -> None:
    series = logged((HIGH, 0.4), (HIGH, 0.6), (LOW, 0.6), (LOW, 0.8), (HIGH, 0.5), (HIGH, 0.5), (LOW, None))
    assert [row.step for row in stability_rows(series.rows)] == [0, 1, 3, 4, 5]
    assert mean_agreement(series, HIGH) == pytest.approx(0.5)
    assert mean_agreement(series, LOW) == pytest.approx(0.8)
    assert mean_agreement(series) == pytest.approx(0.56)


def test_without_a_logged_value_there_is_no_mean() -> None:
    series = logged((HIGH, None), (LOW, None))
    assert mean_agreement(series) is None
    assert mean_agreement(series, HIGH) is None

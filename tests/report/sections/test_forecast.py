"""The forecast on the page: a few rows, or a sentence where one says it all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.forecast import Forecast, ForecastPoint
from diagnose.report.sections.forecast import MOST_ROWS, forecast
from diagnose.verdict.report import Report


def expected(report: Report, count: int, low: float) -> list[str]:
    points = tuple(ForecastPoint(100 * n, 2e-5 * n, low * n, 2e-5 / low, (0.9, 1.1)) for n in range(1, count + 1))
    found = Forecast(dict.fromkeys(Expert, 0.486), points, ("chance decides",))
    return forecast(replace(report, forecast=found))


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 10, 11, 23])
def test_a_few_rows_and_always_the_last(healthy: Report, count: int) -> None:
    _, shown, assumed = expected(healthy, count, 1e-5)
    rows = [line.split("|")[1].strip() for line in shown.splitlines()[2:]]
    assert len(rows) <= MOST_ROWS
    assert rows[-1] == str(100 * count)
    assert assumed == "Assumed: Chance decides."


def test_the_same_settings_need_no_table(healthy: Report) -> None:
    _, shown, _ = expected(healthy, 10, 2e-5)
    assert shown == (
        "Both experts have the same settings, so the ratio high/low is 1 throughout; the rate comes to 2.00e-4 at "
        "step 1000."
    )


def test_no_forecast_no_section(healthy: Report) -> None:
    assert forecast(replace(healthy, forecast=None)) == []

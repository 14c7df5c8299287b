"""Rates and ratio: from the log where it has them, else from the forecast, with target and band."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import read, shown

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.forecast import Forecast, ForecastPoint
from diagnose.report.charts.rates import loss_figures, rate_figures
from diagnose.verdict.curves import Curves, Stretch
from diagnose.verdict.report import Report

AHEAD = Forecast(
    {Expert.HIGH: 0.49, Expert.LOW: 0.49},
    tuple(ForecastPoint(step, 3e-4, 1e-4, 3.0, (2.5, 3.5)) for step in (1000, 2000, 9000)),
    (),
)


def test_logged_rates_and_ratio_are_drawn_with_the_forecast_as_far_as_the_log_goes(failing: Report) -> None:
    ratio, rates = rate_figures(replace(failing, forecast=AHEAD))
    assert (rates.title, ratio.title) == ("Learning rates", "Learning-rate ratio high/low")
    assert read(rates.says) == ("From the log: high noise 1.49e-4 to 1.8e-4; low noise 1.1e-4 throughout.")
    assert "dashed: the forecast" in read(ratio.says)
    table = shown([ratio.table])[0]
    assert "| 2000 |" in table
    assert "90 % range 2.50 to 3.50" in table
    assert "9000" not in table
    assert 'class="area ahead"' in ratio.drawing


def test_the_wanted_ratio_is_a_band(failing: Report) -> None:
    wanted = replace(failing, next=replace(failing.next, lr_ratio_wanted=(3.0, 5.0)))
    assert 'class="goal"' in rate_figures(wanted)[0].drawing
    assert "target 3 to 5" in read(rate_figures(wanted)[0].says)
    assert 'class="goal"' not in rate_figures(failing)[0].drawing


def test_before_a_run_the_forecast_is_drawn(unknown: Report) -> None:
    ratio, rates = rate_figures(replace(unknown, forecast=AHEAD))
    assert rates.title == "Expected learning rates"
    assert read(ratio.says).startswith("Expected: 3.00. Dashed: the forecast")
    assert rates.key == (("e0 dashed", "high noise"), ("e1 dashed", "low noise"))
    assert "9000" in shown([ratio.table])[0]


def test_one_rate_for_both_is_not_drawn_as_that_of_an_expert(unknown: Report) -> None:
    mixed = Curves(stretches=(Stretch(0, 9, {}, 1e-5, None, {}), Stretch(10, 19, {}, 2e-5, None, {})))
    (rates,) = rate_figures(replace(unknown, curves=mixed))
    assert rates.key == (("one", "one rate for both experts"),)
    assert "does not show the rate of either" in read(rates.says)
    both = replace(unknown, curves=mixed, lr_ratio=replace(unknown.lr_ratio, observed_last=1.0))
    assert read(rate_figures(both)[0].says) == "From the log: one rate for both experts 1e-5 to 2e-5."


def test_of_nothing_there_is_no_figure(unknown: Report) -> None:
    assert rate_figures(unknown) == []


def test_each_expert_has_a_figure_with_its_window(failing: Report) -> None:
    high, low = loss_figures(failing)
    assert (high.name, low.name) == ("loss-high", "loss-low")
    assert "up to 32 batches" in read(high.says)
    assert "window of the mean, 0.0755" in high.drawing
    assert "|   99 |     0.0755 | 32 batches |" in shown([high.table])[0]


def test_too_few_losses_have_no_band(failing: Report) -> None:
    high, low = loss_figures(failing)
    assert 'class="area e0"' in high.drawing
    assert "area" not in low.drawing


def test_without_a_mean_there_is_no_window(failing: Report) -> None:
    bare = tuple((name, replace(figures, loss_mean=None)) for name, figures in failing.experts)
    assert "window" not in loss_figures(replace(failing, experts=bare))[0].drawing


def test_a_log_without_losses_has_no_figure(failing: Report, unknown: Report) -> None:
    assert loss_figures(unknown) == []
    lost = replace(failing.curves, stretches=tuple(replace(each, loss={}) for each in failing.curves.stretches))
    assert loss_figures(replace(failing, curves=lost)) == []

"""Loss figures: an expert each, with the band and the window of the mean."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import read, shown

from diagnose.report.charts.losses import loss_figures
from diagnose.verdict.report import Report


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

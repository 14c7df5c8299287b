"""All figures of a report."""

from __future__ import annotations

from diagnose.report.charts.gallery import figures
from diagnose.verdict.report import Report


def test_the_ratio_comes_first_and_names_are_the_figures_own(failing: Report) -> None:
    names = [each.name for each in figures(failing)]
    assert names == [
        "ratio", "rates", "weight-ratio", "update", "strength", "growth", "loss-high", "loss-low", "map-high", "timeline",
    ]  # fmt: skip


def test_a_report_without_data_has_none(unknown: Report) -> None:
    assert figures(unknown) == []

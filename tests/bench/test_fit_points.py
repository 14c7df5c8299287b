"""The table of public points is what the command writes, has points enough, and says where it errs."""

from __future__ import annotations

import pytest
from bench.fit_points import REPORT, disk_rows, judged, text
from labelled_runs import SHARED

from diagnose.facts.needs.memory import SHORT

FOUND = judged()


def test_there_are_enough_points() -> None:
    assert len(FOUND) >= 10
    assert sum(each.point["use"] == "test" and each.errors is not None for each in FOUND) >= 5


@pytest.mark.parametrize(("point", "error"), [(25, 0.043), (26, 0.002), (30, -0.086)])
def test_the_points_with_all_that_the_estimate_needs(point: int, error: float) -> None:
    (found,) = [each for each in FOUND if each.point["id"] == point]
    assert found.errors == pytest.approx((error, error), abs=0.005)


def test_no_run_that_ran_is_said_not_to_fit() -> None:
    assert not [each.point["id"] for each in FOUND if each.says == SHORT and each.point["ran"]]
    assert [each.point["id"] for each in FOUND if each.wrong] == [15, 40]


@pytest.mark.skipif(not (SHARED / "real").is_dir(), reason="the real runs are not on this machine")
def test_the_report_is_what_the_command_writes() -> None:
    assert REPORT.read_text(encoding="utf-8") == text(), "run tests/bench/fit_points.py"
    assert len(list(disk_rows())) > 20

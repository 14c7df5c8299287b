"""What the user sets with --set is stated in every view, with the value it stands in place of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagnose.api import preflight
from diagnose.report.formats import render
from diagnose.settings import Settings
from diagnose.verdict.report import Report

CONFIG = Path(__file__).parent / "data" / "fork-frozen" / "config.yaml"
SET = {
    "steps_max": "3000",
    "weight_ratio_min": "1.2",
    "learned_for_ratio": "40",
    "lr-pinned-at-bound.pinned_share": "0.9",
}
BEFORE = {"steps_max": 2200, "weight_ratio_min": 1.5, "learned_for_ratio": 50, "lr-pinned-at-bound.pinned_share": 0.98}


@pytest.fixture(scope="module")
def report() -> Report:
    return preflight(CONFIG, Settings(parameters=SET))


def test_json_has_both_values(report: Report) -> None:
    own = [param for param in json.loads(render(report, "json"))["parameters"] if param["overridden"]]
    assert {param["name"]: (param["value"], param["replaced"]) for param in own} == {
        name: (float(value), BEFORE[name]) for name, value in SET.items()
    }


def test_markdown_says_it_at_the_top_and_among_the_thresholds(report: Report) -> None:
    page = render(report, "markdown", full=True)
    top, thresholds = page.split("## ", 1)[0], page.split("## Thresholds used", 1)[1]
    for name, value in SET.items():
        assert f"You set `{name}` to `{value}`" in top
        assert f"`{BEFORE[name]}`" in top
        assert f"`{name}`" in thresholds
    assert len(
        [line for line in thresholds.splitlines() if "**set by you**" in line and " instead of " in line]
    ) == len(SET)


@pytest.mark.parametrize("view", ["html", "terminal", "sarif"])
def test_every_other_view_names_them(report: Report, view: str) -> None:
    shown = render(report, view).replace("<wbr>", "")
    assert [name for name in SET if name not in shown] == []


def test_nothing_is_said_where_nothing_was_set() -> None:
    report = preflight(CONFIG, Settings())
    assert "You set" not in render(report, "markdown")
    assert "You set" not in render(report, "terminal")
    assert '"set"' not in render(report, "sarif")
    assert not any(param["overridden"] for param in json.loads(render(report, "json"))["parameters"])

"""Every run and config that we have: the screen fits, the short page fits a comment, and neither holds a fault back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_runs import HOMES, SHARED

from diagnose import Report, postmortem, preflight
from diagnose.core.values import Severity
from diagnose.report.formats import render
from diagnose.report.spans import plain

pytestmark = pytest.mark.usefixtures("one_reader")
COLUMNS, LINES = 80, 40
PAGE_LINES, PAGE_WORDS, COMMENT = 150, 1200, 65_536
CALM = (Severity.INFO, Severity.GOOD)
RUNS = sorted(path for home in HOMES if home.is_dir() for path in home.iterdir() if path.is_dir())
CONFIGS = sorted((SHARED / "configs").glob("*.yaml"))


@pytest.fixture(scope="module", params=[*RUNS, *CONFIGS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def report(request: pytest.FixtureRequest) -> Report:
    path: Path = request.param
    return postmortem(path) if path.is_dir() else preflight(path)


@pytest.fixture(scope="module", params=["run-v15", "run-v17"])
def demo(request: pytest.FixtureRequest) -> Report:
    return postmortem(request.getfixturevalue(f"{request.param.removeprefix('run-')}_dir"))


def check(report: Report) -> None:
    screen = render(report, "terminal", width=COLUMNS, color=False)
    assert len(screen.splitlines()) <= LINES
    wide = [line for line in screen.splitlines() if len(line) > COLUMNS]
    assert [line for line in wide if not line.startswith("     diagnose next ")] == []
    page = render(report, "markdown")
    assert len(page.splitlines()) <= PAGE_LINES
    assert len(page.split()) <= PAGE_WORDS
    assert len(page) < COMMENT
    before_tables = page.partition("\n| ")[0]
    for title in faults(report):
        assert title in before_tables
        assert title[: COLUMNS - 19] in unwrapped(screen)


def faults(report: Report) -> Iterator[str]:
    yield from (plain(each.title) for each in report.findings if each.severity not in CALM)


def unwrapped(screen: str) -> str:
    return " ".join(screen.split())


def test_a_run_or_config_fits(report: Report) -> None:
    check(report)


def test_a_demo_run_fits(demo: Report) -> None:
    check(demo)

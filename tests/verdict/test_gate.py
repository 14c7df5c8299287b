"""What stops a launch: grave enough, sure enough, and new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from labelled_runs import DATA

from diagnose import Report, preflight
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Confidence, Severity
from diagnose.verdict.gate import Gate, reaches, read_baseline


@pytest.fixture(scope="module")
def report() -> Report:
    return preflight(DATA / "fork-dropped-keys" / "config.yaml", intent="motion")


def names(gate: Gate, report: Report) -> set[str]:
    return {each.name for each in gate.opened(report).stopping}


def test_a_level_is_reached_by_what_is_as_bad_or_worse() -> None:
    assert reaches(Severity.CRITICAL, "major")
    assert reaches(Severity.MAJOR, "major")
    assert not reaches(Severity.MINOR, "major")
    assert not reaches(Severity.BLOCKER, "never")


def test_the_least_severity_decides(report: Report) -> None:
    grave = {each.name for each in report.findings if each.severity.rank <= Severity.MAJOR.rank}
    assert names(Gate("major"), report) == grave != set()
    assert not names(Gate("never"), report)


def test_what_is_too_unsure_stops_nothing_and_is_counted(report: Report) -> None:
    unsure = [each for each in report.findings if each.severity.rank <= 3 and each.confidence is not Confidence.HIGH]
    outcome = Gate("minor", "high").opened(report)
    assert all(each.confidence is Confidence.HIGH for each in outcome.stopping)
    assert outcome.unsure == len(unsure) > 0
    assert f"{len(unsure)} too unsure" in outcome.words


def test_what_an_earlier_report_has_stops_nothing_unless_it_is_graver_now(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    report.save(path)
    known = read_baseline(path)
    outcome = Gate("minor", None, known).opened(report)
    assert (outcome.stopping, outcome.known) == ((), len([f for f in report.findings if f.severity.rank <= 3]))
    first = report.findings[0]
    milder = {**known, (first.rule, first.subject): Severity.INFO}
    assert first in Gate("minor", None, milder).opened(report).stopping
    graver = {**known, (first.rule, first.subject): Severity.BLOCKER}
    assert first not in Gate("minor", None, graver).opened(report).stopping


def test_it_says_in_a_line_what_stopped_it(report: Report) -> None:
    words = Gate("critical").opened(report).words
    assert "per-expert-lr-not-in-effect (critical, high confidence)" in words
    assert "\n" not in words


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schema": "other"}', "[" * 100_000, '{"schema": "diagnose/report/1"}',
     '{"schema": "diagnose/report/1", "findings": [{"rule": "A", "subject": "run", "severity": "awful"}]}',
     '{"schema": "diagnose/report/1", "findings": 3}'],
)  # fmt: skip
def test_what_is_no_report_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(DiagnoseError, match=r"b\.json: "):
        read_baseline(tmp_path / "b.json")
    with pytest.raises(DiagnoseError, match="cannot be read"):
        read_baseline(tmp_path)


@pytest.mark.parametrize("levels", [{"fail_on": "awful"}, {"min_confidence": "sure"}])
def test_a_level_that_is_none_is_told_with_those_there_are(levels: dict[str, Any]) -> None:
    with pytest.raises(DiagnoseError, match="give one of"):
        Gate(**levels)


def test_the_document_of_a_report_is_a_baseline(report: Report, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text(report.to("json"))
    assert set(read_baseline(tmp_path / "k.json")) == {(each.rule, each.subject) for each in report.findings}
    assert json.loads(report.to("json"))["ignored"] == []

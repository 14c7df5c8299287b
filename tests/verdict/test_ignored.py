"""A rule that is ignored counts for nothing, and the report says so with the reason."""

from __future__ import annotations

import json

import pytest
from labelled_runs import DATA

from diagnose import DiagnoseError, Report, Severity, preflight

CONFIG = DATA / "fork-dropped-keys" / "config.yaml"
NAME = "per-expert-lr-not-in-effect"


@pytest.fixture(scope="module")
def whole() -> Report:
    return preflight(CONFIG, intent="motion")


def test_its_finding_is_gone_with_what_follows_and_is_named(whole: Report) -> None:
    before = next(each for each in whole.findings if each.name == NAME)
    for key in (NAME, before.rule, NAME.upper()):
        report = preflight(CONFIG, intent="motion", ignore={key: "we know"})
        assert NAME not in {each.name for each in report.findings}
        (ignored,) = report.ignored
        assert (ignored.name, ignored.rule, ignored.reason) == (NAME, before.rule, "we know")
        assert (ignored.severity, ignored.message) == (before.severity, before.message)
        assert NAME not in {rule for change in report.next.changes for rule in change.rules}
        assert NAME not in {each.name for each in report.passed}, "it was not judged, so it did not pass"


def test_nothing_changes_where_it_found_nothing(whole: Report) -> None:
    report = preflight(CONFIG, intent="motion", ignore="snr-weighting-incompatible")
    assert report.ignored == ()
    assert report.findings == whole.findings


def test_the_verdict_no_longer_counts_it(whole: Report) -> None:
    every = [each.name for each in whole.findings if each.severity is not Severity.GOOD]
    assert preflight(CONFIG, intent="motion", ignore=every).verdict.status.value == "healthy"


def test_a_name_that_no_rule_has_is_told_with_the_nearest() -> None:
    with pytest.raises(DiagnoseError, match=f"did you mean {NAME}"):
        preflight(CONFIG, ignore=[f"{NAME}s"])


def test_sarif_has_it_as_suppressed() -> None:
    report = preflight(CONFIG, intent="motion", ignore={NAME: "we know"})
    results = json.loads(report.to("sarif"))["runs"][0]["results"]
    (closed,) = (each for each in results if "suppressions" in each)
    assert closed["suppressions"][0]["justification"] == "we know"

import json

from diagnose.core.values import Severity
from diagnose.report.formats import render
from diagnose.verdict.report import Report


def test_every_fault_is_a_result_with_a_known_rule(failing: Report) -> None:
    log = json.loads(render(failing, "sarif"))
    run = log["runs"][0]
    faults = [finding for finding in failing.findings if finding.severity is not Severity.GOOD]
    assert log["version"] == "2.1.0"
    assert [result["ruleId"] for result in run["results"]] == [finding.rule for finding in faults]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_line_is_named_where_the_evidence_has_one(failing: Report) -> None:
    results = json.loads(render(failing, "sarif"))["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results if "locations" in result]
    assert any(place.get("region", {}).get("startLine", 0) > 0 for place in places)
    assert all(place["artifactLocation"]["uri"] for place in places)


def test_what_went_well_is_no_result(healthy: Report) -> None:
    assert json.loads(render(healthy, "sarif"))["runs"][0]["results"] == []

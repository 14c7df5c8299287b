"""The findings as SARIF 2.1.0, so that an editor or a code host marks the lines of the config they speak of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from diagnose.core.values import Place, Severity
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {
    Severity.BLOCKER: "error",
    Severity.CRITICAL: "error",
    Severity.MAJOR: "warning",
    Severity.MINOR: "warning",
    Severity.INFO: "note",
}


def render(report: Report, *, width: int, color: bool, full: bool) -> str:  # noqa: ARG001 - the same for every view
    """Return one SARIF log with one run. What went well is no result; a finding without a line points at its file."""
    findings = [finding for finding in report.findings if finding.severity in _LEVELS]
    rules = {finding.rule: _rule(finding) for finding in findings}
    driver = {"name": "diagnose", "version": report.tool.version, "rules": list(rules.values())}
    results = [_result(finding, list(rules).index(finding.rule)) for finding in findings]
    own = {each.name: {"value": each.value, "replaced": each.replaced} for each in report.parameters if each.overridden}
    run = {"tool": {"driver": driver}, "results": results, **({"properties": {"set": own}} if own else {})}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False)


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "name": finding.name,
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": finding.why.strip()},
        "help": {"text": "\n".join(f"When it is wrong: {problem}" for problem in finding.known_problems)},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    places = [evidence.source for evidence in finding.evidence if evidence.source is not None]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "properties": {"severity": finding.severity.value, "confidence": finding.confidence.value},
    }
    if places:
        lined = next((place for place in places if place.line is not None), places[0])
        result["locations"] = [{"physicalLocation": _location(lined)}]
    return result


def _location(place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
    if place.line is not None:
        location["region"] = {"startLine": place.line}
    return location

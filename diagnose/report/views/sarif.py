"""The findings as SARIF 2.1.0, so that an editor or a code host marks the lines of the config they speak of.

Paths are relative to the working directory, as code hosts match them; what lies elsewhere has an absolute address.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from diagnose.core.values import Place, Severity
from diagnose.verdict.ignored import Ignored
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report

Address: TypeAlias = "Callable[[str], str]"
"""Turns a file of the report into what SARIF calls it."""
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
    address = partial(_address, Path(report.run.path))
    about = tuple(Place(file) for file in report.run.files[:1])
    results = [_result(finding, list(rules).index(finding.rule), address, about) for finding in findings]
    results += [_suppressed(each, address) for each in report.ignored]
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


def _result(finding: Finding, index: int, address: Address, about: Sequence[Place]) -> dict[str, Any]:
    """Return a finding; where nothing of its evidence has a place, it is about the first file."""
    places = [each.source for each in finding.evidence if each.source is not None] or about
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "properties": {"severity": finding.severity.value, "confidence": finding.confidence.value},
    }
    if places:
        lined = next((place for place in places if place.line is not None), places[0])
        result["locations"] = [{"physicalLocation": _location(lined, address)}]
    return result


def _suppressed(ignored: Ignored, address: Address) -> dict[str, Any]:
    """Return a finding that the user has us ignore: a code host shows it as closed, with the reason."""
    suppression: dict[str, Any] = {"kind": "external", "justification": ignored.reason or "ignored by the user"}
    if ignored.source is not None and ignored.source.line is not None:
        suppression["location"] = {"physicalLocation": _location(ignored.source, address)}
    return {
        "ruleId": ignored.rule,
        "level": _LEVELS.get(ignored.severity, "none"),
        "message": {"text": ignored.message},
        "suppressions": [suppression],
    }


def _location(place: Place, address: Address) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": address(place.file)}}
    if place.line is not None:
        location["region"] = {"startLine": place.line}
    return location


def _address(source: Path, file: str) -> str:
    """Return the address of a file that the report names: one of the run, beside the config, or elsewhere."""
    folder = source if source.is_dir() else source.parent
    inside = folder / file
    path = Path(os.path.normpath(inside if os.path.lexists(inside) or not os.path.lexists(file) else file))
    here = Path.cwd()
    absolute = path if path.is_absolute() else Path(os.path.normpath(here / path))
    if absolute.is_relative_to(here):
        return quote(os.fsencode(absolute.relative_to(here).as_posix()))
    return absolute.as_uri()

"""The stories that come first on the page, and the rest."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Severity
from diagnose.report.priorities import highlights, others
from diagnose.verdict.report import Report


def of(report: Report, *findings: tuple[str, Severity, tuple[str, ...]]) -> Report:
    """The report with findings of these names, severities and explained names instead of its own."""
    pattern = report.findings[0]
    made = (replace(pattern, name=name, severity=severity, explains=explains) for name, severity, explains in findings)
    return replace(report, findings=tuple(made))


def test_the_failing_run_leads_with_its_worst_story(failing: Report) -> None:
    shown = [[member.name for member in story.members] for story in highlights(failing)]
    assert shown == [["lr-ratio-too-small", "low-noise-overpowering", "high-noise-too-weak"], ["trained-too-long"]]


def test_minor_findings_lead_only_alone(failing: Report) -> None:
    report = of(failing, ("minor", Severity.MINOR, ()), ("info", Severity.INFO, ()), ("good", Severity.GOOD, ()))
    assert [story.head.name for story in highlights(report)] == ["minor"]
    assert highlights(of(failing, ("info", Severity.INFO, ()))) == ()
    assert "steps-configured-too-many" not in {story.head.name for story in highlights(failing)}


def test_the_rest_keeps_explained_findings_and_leaves_out_praise(failing: Report) -> None:
    left = [finding.name for finding in others(failing, highlights(failing))]
    assert left == ["low-noise-overpowering", "high-noise-too-weak", "steps-configured-too-many"]

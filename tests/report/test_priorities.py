"""Causes first, symptoms under them, nothing twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from diagnose.model import Severity
from diagnose.report.priorities import MOST, highlights, others
from diagnose.verdict.outcome import Finding
from diagnose.verdict.report import Report


def of(report: Report, *findings: tuple[str, Severity, tuple[str, ...]]) -> Report:
    """The report with findings of these names, severities and explained names instead of its own."""
    pattern = report.findings[0]
    made = (replace(pattern, name=name, severity=severity, explains=explains) for name, severity, explains in findings)
    return replace(report, findings=tuple(made))


def shape(report: Report) -> list[tuple[str, list[str], tuple[str, ...]]]:
    return [(h.finding.name, [f.name for f in h.explained], h.also) for h in highlights(report)]


def test_the_failing_run_leads_with_its_cause(failing: Report) -> None:
    assert shape(failing) == [
        ("lr-ratio-too-small", ["low-noise-overpowering", "high-noise-too-weak"], ()),
        ("trained-too-long", [], ("low-noise-overpowering",)),
    ]


def test_a_cause_stands_where_its_worst_symptom_would(failing: Report) -> None:
    report = of(
        failing,
        ("symptom", Severity.CRITICAL, ()),
        ("unrelated", Severity.CRITICAL, ()),
        ("cause", Severity.MAJOR, ("symptom",)),
    )
    assert shape(report) == [("cause", ["symptom"], ()), ("unrelated", [], ())]


def test_explanations_reach_through(failing: Report) -> None:
    report = of(
        failing,
        ("c", Severity.MAJOR, ()),
        ("b", Severity.MAJOR, ("c",)),
        ("a", Severity.MAJOR, ("b",)),
    )
    assert shape(report) == [("a", ["c", "b"], ())]


def test_minor_findings_lead_only_alone(failing: Report) -> None:
    report = of(failing, ("minor", Severity.MINOR, ()), ("info", Severity.INFO, ()), ("good", Severity.GOOD, ()))
    assert [h.finding.name for h in highlights(report)] == ["minor"]
    assert highlights(of(failing, ("info", Severity.INFO, ()))) == ()
    assert "steps-configured-too-many" not in {h.finding.name for h in highlights(failing)}


def test_the_rest_keeps_explained_findings_and_leaves_out_praise(failing: Report) -> None:
    left = [finding.name for finding in others(failing, highlights(failing))]
    assert left == ["low-noise-overpowering", "high-noise-too-weak", "steps-configured-too-many"]


NAMES = st.sampled_from("abcde")


@given(st.lists(st.tuples(NAMES, st.sampled_from(Severity), st.lists(NAMES, max_size=3)), max_size=6))
def test_any_web_of_explanations_is_laid_out_once(failing: Report, web: list[tuple[str, Severity, list[str]]]) -> None:
    named = {name: (name, severity, tuple(explains)) for name, severity, explains in web}
    report = of(failing, *named.values())
    shown = highlights(report)
    listed: list[Finding] = [f for h in shown for f in (h.finding, *h.explained)]
    assert len(listed) == len(set(listed))
    assert len(shown) <= MOST
    good = {f for f in report.findings if f.severity is Severity.GOOD}
    assert {h.finding for h in shown} | set(others(report, shown)) | good == set(report.findings)

"""The findings off the first page: one rule's together, and what is only worth knowing in a line."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Confidence, Place, Severity
from diagnose.report.sections.finding_lists import highlights, other, others, worth_knowing
from diagnose.verdict.judgement import Citation, Evidence, Finding
from diagnose.verdict.report import Report


def found(subject: str, severity: Severity, message: str, rule: str = "TRP001") -> Finding:
    seen = (Evidence("config.unknown_key", "a key", subject, "", subject, Place("config.yaml", line=7)),)
    claims = (Citation("CFG-01", "A claim."),)
    return Finding("config-key-unknown", rule, subject, severity, Confidence.HIGH, "A key is not read", message, "So.",
                   claims, (), seen, (), (), (), ())  # fmt: skip


def test_one_rules_findings_stand_together(healthy: Report) -> None:
    keys = tuple(found(f"train.{name}", Severity.MINOR, f"train.{name} is not read") for name in ("a", "b", "c"))
    worse = tuple(found(f"x{n}", Severity.MAJOR, "worse", rule=f"ABC{n}") for n in range(3))
    page = shown(other(replace(healthy, findings=(*worse, *keys))))
    assert [block for block in page if block.startswith("###")] == ["### A key is not read"]
    assert page[-2] == "**The same for 2 others.**"
    assert page[-1] == (
        "- train.b is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01\n"
        "- train.c is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01"
    )


def test_what_is_worth_knowing_takes_a_line(healthy: Report) -> None:
    report = replace(healthy, findings=(found("train.a", Severity.INFO, "train.a has no effect"),))
    assert shown(other(report)) == []
    assert shown(worth_knowing(report)) == [
        "## Worth knowing",
        "- train.a has no effect. · `config-key-unknown` · `config.yaml:7` · CFG-01",
    ]
    assert shown(worth_knowing(healthy)) == []


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
    left = [finding.name for finding in others(failing)]
    assert left == ["low-noise-overpowering", "high-noise-too-weak", "steps-configured-too-many"]

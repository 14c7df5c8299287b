"""The findings off the first page: one rule's together, and what is only worth knowing in a line."""

from __future__ import annotations

from dataclasses import replace

from diagnose.core.model import Confidence, Place, Severity
from diagnose.report.sections.findings import known, other
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
    page = other(replace(healthy, findings=(*worse, *keys)))
    assert [block for block in page if block.startswith("###")] == ["### A key is not read"]
    assert page[-2] == "**The same for 2 others.**"
    assert page[-1] == (
        "- train.b is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01\n"
        "- train.c is not read. · `config-key-unknown` · `config.yaml:7` · CFG-01"
    )


def test_what_is_worth_knowing_takes_a_line(healthy: Report) -> None:
    report = replace(healthy, findings=(found("train.a", Severity.INFO, "train.a has no effect"),))
    assert other(report) == []
    assert known(report) == [
        "## Worth knowing",
        "- train.a has no effect. · `config-key-unknown` · `config.yaml:7` · CFG-01",
    ]
    assert known(healthy) == []

"""The findings on the page: the few that matter first, the rest by severity, and what went well."""

from __future__ import annotations

from diagnose.model import Severity
from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.priorities import highlights, others
from diagnose.report.sections.certainty import supported
from diagnose.report.sections.finding import finding
from diagnose.report.wording import bullets, place
from diagnose.verdict.report import Finding, Report


def first(report: Report) -> list[str]:
    """What matters first: at most three findings, causes with their symptoms."""
    shown = highlights(report)
    if not shown:
        return ["## What matters first", _nothing(report)]
    blocks = ["## What matters first"]
    for index, highlight in enumerate(shown, start=1):
        blocks += finding(highlight.finding, f"### {index}.", highlight.explained, highlight.also)
    return blocks


def other(report: Report) -> list[str]:
    """Every finding that is not on the first page, worst severity first."""
    left = sorted(others(report, highlights(report)), key=lambda item: item.severity.rank)
    blocks = ["## Other findings"] if left else []
    for item in left:
        blocks += finding(item, "###")
    return blocks


def good(report: Report) -> list[str]:
    """What went well."""
    lines = [_good(item) for item in report.findings if item.severity is Severity.GOOD]
    return ["## What went well", bullets(lines)] if lines else []


def _nothing(report: Report) -> str:
    judged = len(report.passed) + len(report.findings)
    if not judged:
        return "Nothing could be judged. What is missing stands under *What is uncertain*."
    unjudged = f", {len(report.not_evaluated)} could not be judged" if report.not_evaluated else ""
    return f"No fault was found: {counted(len(report.passed), 'rule', 'rules')} passed{unjudged}."


def _good(item: Finding) -> str:
    source = next((fact.source for fact in item.evidence if fact.source), None)
    shown = f" · {place(source)}" if source else ""
    doubts = [f" But this run supports another explanation: {prose(rival.says)}" for rival in supported(item)]
    return f"**{prose(item.title)}** ({code(item.name)}): {prose(item.message)}{shown}{''.join(doubts)}"

"""The findings on the page: the few that matter first, the rest by severity, and what went well."""

from __future__ import annotations

from diagnose.core.model import Severity
from diagnose.report.escape import code, prose
from diagnose.report.figures import counted
from diagnose.report.priorities import highlights, others
from diagnose.report.sections.certainty import supported
from diagnose.report.sections.finding import changes, finding
from diagnose.report.wording import bullets, place, sentence
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report


def first(report: Report) -> list[str]:
    """What matters first: at most three findings, causes with their symptoms."""
    shown = highlights(report)
    if not shown:
        return ["## What matters first", _nothing(report)]
    blocks = ["## What matters first"]
    for index, story in enumerate(shown, start=1):
        blocks += finding(story.head, f"### {index}.", story.causes, story.explained)
    return blocks


def other(report: Report) -> list[str]:
    """Every fault that is not on the first page, worst severity first; one rule's findings stand together."""
    left = [item for item in _left(report) if item.severity is not Severity.INFO]
    groups = [[item for item in left if item.rule == rule] for rule in dict.fromkeys(item.rule for item in left)]
    blocks = ["## Other findings"] if groups else []
    for head, *again in groups:
        blocks += finding(head, "###")
        blocks += (
            [f"**The same for {counted(len(again), 'other', 'others')}.**", bullets(map(_line, again))] if again else []
        )
    return blocks


def known(report: Report) -> list[str]:
    """What is no fault and worth knowing, a line each."""
    lines = [_line(item) for item in _left(report) if item.severity is Severity.INFO]
    return ["## Worth knowing", bullets(lines)] if lines else []


def _left(report: Report) -> list[Finding]:
    return sorted(others(report, highlights(report)), key=lambda item: item.severity.rank)


def _line(item: Finding) -> str:
    cited = ", ".join(map(prose, (*(claim.id for claim in item.claims), *item.sources)))
    source = next((fact.source for fact in item.evidence if fact.source), None)
    shown = " · ".join(filter(None, [sentence(item.message), code(item.name), place(source) if source else "", cited]))
    return f"{shown} · {changed}" if (changed := changes(item)) else shown


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

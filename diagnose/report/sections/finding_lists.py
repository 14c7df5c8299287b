"""The findings on the page: the few that matter first, the rest by severity, and what went well."""

from __future__ import annotations

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, heading, items, paragraph, under
from diagnose.report.figures import counted
from diagnose.report.sections.one_finding import changes, finding, supported
from diagnose.report.spans import Line, code, emphasis, join, line, prose, sentence, strong
from diagnose.report.wording import place
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Story

MOST = 3
_FIRST = (
    (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR),
    (Severity.MINOR,),
)
"""Minor findings come first only where there is nothing worse."""


def highlights(report: Report) -> tuple[Story, ...]:
    """Choose at most MOST stories of the worst severities."""
    told = report.stories
    for severities in _FIRST:
        chosen = tuple(story for story in told if story.severity in severities)
        if chosen:
            return chosen[:MOST]
    return ()


def others(report: Report) -> list[Finding]:
    """Return the findings that are not told first, worst first; good ones are left out."""
    heads = [story.head for story in highlights(report)]
    left = (each for each in report.findings if each.severity is not Severity.GOOD and each not in heads)
    return sorted(left, key=lambda each: each.severity.rank)


def first(report: Report) -> list[Block]:
    """What matters first: at most three findings, causes with their symptoms."""
    blocks: list[Block] = [heading(2, "What matters first")]
    shown = highlights(report)
    if not shown:
        return [*blocks, paragraph(_nothing(report))]
    for index, story in enumerate(shown, start=1):
        blocks += finding(story.head, report.titles, f"{index}. ", story.causes, story.explained)
    return blocks


def other(report: Report) -> list[Block]:
    """Every fault that is not told first, worst severity first; those of one rule together."""
    left = [item for item in others(report) if item.severity is not Severity.INFO]
    groups = [[item for item in left if item.rule == rule] for rule in dict.fromkeys(item.rule for item in left)]
    blocks: list[Block] = [heading(2, "Other findings")] if groups else []
    for head, *again in groups:
        blocks += finding(head, report.titles)
        if again:
            blocks.append(paragraph(strong(f"The same for {counted(len(again), 'other', 'others')}.")))
            blocks += items(map(_line, again))
    return blocks


def worth_knowing(report: Report) -> list[Block]:
    """What is no fault and worth knowing, a line each."""
    return under(
        heading(2, "Worth knowing"), (_line(item) for item in others(report) if item.severity is Severity.INFO)
    )


def good(report: Report) -> list[Block]:
    """What went well."""
    lines = (_good(item) for item in report.findings if item.severity is Severity.GOOD)
    return under(heading(2, "What went well"), lines)


def _line(item: Finding) -> Line:
    cited = join(", ", map(prose, (*(claim.id for claim in item.claims), *item.sources)))
    return join(" · ", [sentence(item.message), code(item.name), _source(item), cited, changes(item)])


def _nothing(report: Report) -> Line:
    judged = len(report.passed) + len(report.findings)
    if not judged:
        return line("Nothing could be checked. See what is missing under ", emphasis("What was not checked"), ".")
    unjudged = f", {len(report.not_evaluated)} could not be made" if report.not_evaluated else ""
    return line(f"No fault was found: {counted(len(report.passed), 'check', 'checks')} passed{unjudged}.")


def _good(item: Finding) -> Line:
    said = line(strong(prose(item.title)), " (", code(item.name), "): ", prose(item.message))
    doubts = [line(" But another cause fits too: ", prose(rival.says)) for rival in supported(item)]
    return line(join(" · ", [said, _source(item)]), *doubts)


def _source(item: Finding) -> Line:
    return next((place(fact.source) for fact in item.evidence if fact.source), ())

"""The findings on the page: the few that matter first, the rest by severity, what went well; and all of them in short.

In short, for the first screen and for a comment: the first story, how sure it is, findings by title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from diagnose.core.values import Severity
from diagnose.report.blocks import Block, heading, items, paragraph, under
from diagnose.report.figures import counted
from diagnose.report.sections.one_finding import changes, finding, supported
from diagnose.report.sections.open_questions import awaited, hangs_on_it, ignored
from diagnose.report.spans import Line, Tone, code, emphasis, join, line, prose, sentence, strong, toned
from diagnose.report.wording import CONFIDENCE, basis_in_short, place
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Status, Story

_SENTENCE = re.compile(r"\S.*?[.!?](?=\s+[A-Z]|$)")
_LONGEST_WHY = 160
MOST_NAMED = 20
_MOST_FILES = 2
CONSOLE_ALONE = "Give the run's folder (diagnose RUN_DIR) to check its other files too."
TONES = {
    Severity.BLOCKER: Tone.BAD,
    Severity.CRITICAL: Tone.BAD,
    Severity.MAJOR: Tone.WARNING,
    Severity.MINOR: Tone.MILD,
}


def faults(report: Report) -> list[Story]:
    """Return the stories that ask for something to be done, the first one first."""
    return [story for story in report.stories if story.severity in TONES]


def story(report: Report) -> list[Line]:
    """Tell the first story: what is wrong, why or with which result, and how sure that is."""
    told = next(iter(faults(report)), None)
    if told is None:
        tone = Tone.GOOD if report.verdict.status is Status.HEALTHY else Tone.NONE
        return [toned(tone, sentence(report.verdict.headline))]
    head = told.head
    return [
        line(strong(sentence(head.title)), " ", sentence(head.message)),
        *behind(told),
        line("How sure: ", how_sure(head), "."),
    ]


def behind(told: Story) -> list[Line]:
    """Give a story's likely cause, or what as grave follows from it, or else why it matters."""
    if told.causes:
        return [line("Likely cause: ", sentence(told.causes[0].message))]
    if told.result is not None:
        return [line("As a result: ", sentence(told.result.message))]
    why = _SENTENCE.findall(" ".join(told.head.why.split()))
    short = why[:2] if len(" ".join(why[:2])) <= _LONGEST_WHY else why[:1]
    return [prose(" ".join(short))] if short else []


def how_sure(item: Finding) -> Line:
    """Say how sure a finding is: in a word, what else would fit, and where its limits come from."""
    other = [prose(rival.title) for rival in supported(item)]
    doubt = line("this run also fits another cause: ", join(", ", other)) if other else prose(item.lowered or "")
    return join("; ", [f"{CONFIDENCE[item.confidence].lower()} confidence", doubt, basis_in_short(item.limits)])


def titled(findings: Iterable[Finding]) -> list[tuple[Finding, Line]]:
    """Return each rule's first finding with its title, and how often it was found."""
    times: dict[str, list[Finding]] = {}
    for each in findings:
        times.setdefault(each.rule, []).append(each)
    return [
        (first, line(prose(first.title), f" ({len(again) + 1} times)" if again else ""))
        for first, *again in times.values()
    ]


def in_a_line(report: Report, severity: Severity, most: int = MOST_NAMED) -> Line:
    """Name findings that ask for nothing, those of one confidence together: "A; B (high); C (low)"."""
    found = titled(each for each in report.findings if each.severity is severity)
    groups = groupby(sorted(found[:most], key=lambda each: each[0].confidence.rank), lambda each: each[0].confidence)
    named = [line(join("; ", (title for _, title in each)), f" ({CONFIDENCE[sure].lower()})") for sure, each in groups]
    more = [f"{len(found) - most} more" if most else counted(len(found), "finding", "findings")] if found[most:] else []
    return join("; ", [*named, *more])


def not_checked(report: Report) -> Line:
    """Say in a line how many checks were not made, what to add for most of them, and which files were not read."""
    need, rules = next(((need, rules) for need, rules in awaited(report) if need), ("", []))
    count = counted(len(report.not_evaluated), "check", "checks")
    needs = line(prose(need), f" for {len(rules)} of them") if need else ()
    files = list(dict.fromkeys(remark.place.file for remark in report.unread))
    more = f" and {len(files) - _MOST_FILES} more" if len(files) > _MOST_FILES else ""
    unread = line("Not read, or repaired: ", join(", ", map(code, files[:_MOST_FILES])), f"{more}.") if files else ()
    intent = line("Intent unknown: ", hangs_on_it(report)) if report.suppositions else ()
    unchecked = line(f"Not checked: {count}", line("; add ", needs) if needs else "", ".")
    if report.run.console_alone:
        return join(" ", [CONSOLE_ALONE, unread, ignored(report)])
    return join(" ", [unchecked if report.not_evaluated else (), unread, ignored(report), intent])


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

"""The run in short, for the first screen and for a comment: the first story, how sure it is, findings by title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from diagnose.core.values import Severity
from diagnose.report.figures import counted
from diagnose.report.sections.one_finding import supported
from diagnose.report.sections.open_questions import awaited, hangs_on_it, ignored
from diagnose.report.spans import Line, Tone, code, join, line, prose, sentence, strong, toned
from diagnose.report.wording import CONFIDENCE, basis_in_short
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Status, Story

_SENTENCE = re.compile(r"\S.*?[.!?](?=\s+[A-Z]|$)")
_LONGEST_WHY = 160
MOST_NAMED = 20
_MOST_FILES = 2
CONSOLE_ALONE = "Config, data set and weights were not checked: give the run's folder (diagnose RUN_DIR) for them."
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
    grave = [each for each in told.explained if each.severity.rank <= told.head.severity.rank]
    if grave:
        return [line("As a result: ", sentence(grave[0].message))]
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

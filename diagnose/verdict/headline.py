"""The verdict in one line. Silence is never worded as health: what could not be judged is part of the line."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.model import Severity
from diagnose.facts.known import Known
from diagnose.verdict.outcome import Finding, NotEvaluated
from diagnose.verdict.report import Status, Verdict
from diagnose.verdict.stories import Story, stories

_STATUS = {
    Severity.BLOCKER: Status.BLOCKED,
    Severity.CRITICAL: Status.FAILING,
    Severity.MAJOR: Status.ATTENTION,
    Severity.MINOR: Status.ATTENTION,
}


def conclude(
    findings: Sequence[Finding], unevaluated: Sequence[NotEvaluated], known: Known, *, before_a_run: bool
) -> Verdict:
    """Return the status of the gravest finding, and a sentence that tells the first story and counts the others."""
    told = [story for story in stories(findings) if story.severity in _STATUS]
    evidence = "" if before_a_run else _evidence(known)
    if not told:
        if evidence:
            return Verdict(Status.ATTENTION, f"Nothing wrong was found, but there is {evidence} to judge by")
        return _faultless(len(unevaluated), known)
    gravest = min((story.severity for story in told), key=lambda severity: severity.rank)
    others = len(told) - 1
    more = f", and {others} other problem{'s' if others > 1 else ''}" if others else ""
    limits = f"; there is {evidence} to judge by" if evidence else ""
    return Verdict(_STATUS[gravest], f"{_first(told[0])}{more}{limits}")


def _first(story: Story) -> str:
    """Tell a story in one sentence: its head, then its likely cause, or what as grave follows from it."""
    head = story.head
    if story.causes:
        return f"{head.title}; likely cause: {_inside(story.causes[0].title)}"
    as_grave = [each for each in story.explained if each.severity.rank <= min(head.severity.rank, Severity.MAJOR.rank)]
    return f"{head.title}; as a result, {_inside(as_grave[0].title)}" if as_grave else head.title


def _inside(title: str) -> str:
    """Return a title as it reads inside a sentence."""
    word, _, rest = title.partition(" ")
    return f"{word.lower() if word.istitle() else word} {rest}".strip()


def _faultless(unjudged: int, known: Known) -> Verdict:
    """Word a run without a fault; whether it is healthy hangs on what it is for."""
    if known.intent.intent is None:
        return Verdict(
            Status.ATTENTION, f"No fault was found, but {unjudged} checks could not be made: the intent is unknown"
        )
    rest = f"; {unjudged} checks could not be made" if unjudged else ""
    return Verdict(Status.HEALTHY, f"No fault was found{rest}")


def _evidence(known: Known) -> str:
    missing = []
    if known.config is None:
        missing.append("no config")
    if known.series is None:
        missing.append("no log")
    if not known.pairs:
        missing.append("no checkpoint")
    return " and ".join(missing)

"""Which findings tell one story, in which order the stories come, and the headline that tells the first.

A finding that explains others stands before them, and they are told inside its story. The story takes the place that
its gravest member would have. A low confidence counts as one severity less: a guess never leads over something sure of
the same effect. Silence is never worded as health: what could not be judged is part of the headline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Confidence, Severity
from diagnose.facts.known import Known
from diagnose.verdict.judgement import Finding, NotEvaluated


class Status(str, Enum):
    """The verdict in one word."""

    HEALTHY = "healthy"
    ATTENTION = "attention"
    FAILING = "failing"
    BLOCKED = "blocked"


_STATUS = {
    Severity.BLOCKER: Status.BLOCKED,
    Severity.CRITICAL: Status.FAILING,
    Severity.MAJOR: Status.ATTENTION,
    Severity.MINOR: Status.ATTENTION,
}


class Verdict(Struct, frozen=True):
    """Status and one sentence."""

    status: Status
    headline: str


class Story(Struct, frozen=True):
    """One fault with all that belongs to it.

    `causes` explain the head, but are too unsure to stand before it. `explained` follows from the head or from them.
    """

    head: Finding
    causes: tuple[Finding, ...]
    explained: tuple[Finding, ...]

    @property
    def members(self) -> tuple[Finding, ...]:
        """Every finding of the story, in the order in which it is told."""
        return (self.head, *self.causes, *self.explained)

    @property
    def severity(self) -> Severity:
        """The severity of its gravest member."""
        return min((member.severity for member in self.members), key=lambda severity: severity.rank)


def stories(findings: Iterable[Finding]) -> tuple[Story, ...]:
    """Return the findings as stories, the one to read first in front; every finding is in exactly one of them."""
    left = sorted(findings, key=_weight)
    told: list[Story] = []
    while left:
        story = _story(left)
        told.append(story)
        left = [finding for finding in left if finding not in story.members]
    return tuple(told)


def _weight(finding: Finding) -> tuple[int, int, int, bool, str, str]:
    """Sort key: effect and certainty together, then effect, then certainty; what explains something before the rest."""
    severity, confidence = finding.severity, finding.confidence
    doubt = confidence is Confidence.LOW and severity.rank < Severity.INFO.rank
    explains = not finding.explains
    return severity.rank + doubt, severity.rank, confidence.rank, explains, finding.rule, finding.subject


def _story(left: Sequence[Finding]) -> Story:
    """Return the story of the gravest finding that is left."""
    head = _head(left)
    causes = [each for each in left if each is not head and _is_fault(each) and head.name in _reach([each], left)]
    names = _reach([head, *causes], left) if _is_fault(head) else frozenset()
    explained = [each for each in left if each.name in names and each is not head and each not in causes]
    return Story(head, tuple(causes), tuple(each for each in explained if each.severity is not Severity.GOOD))


def _head(left: Sequence[Finding]) -> Finding:
    """Climb from the gravest finding to the first cause behind it that is sure enough to stand before it."""
    climbed = [left[0]]
    while True:
        effect = climbed[-1]
        above = (
            each
            for each in left
            if each not in climbed and _leads(each, effect) and effect.name in _reach([each], left)
        )
        cause = next(above, None)
        if cause is None:
            return effect
        climbed.append(cause)


def _leads(cause: Finding, effect: Finding) -> bool:
    """Return whether a cause may stand before its effect: it is a fault, and no guess before something graver."""
    return _is_fault(cause) and (cause.confidence is not Confidence.LOW or _weight(cause)[:3] <= _weight(effect)[:3])


def _is_fault(finding: Finding) -> bool:
    return finding.severity.rank < Severity.INFO.rank


def _reach(heads: Sequence[Finding], among: Sequence[Finding]) -> frozenset[str]:
    """Return the names of all that the heads explain, directly or through another finding."""
    names = {name for head in heads for name in head.explains}
    grown = True
    while grown:
        more = {name for each in among if each.name in names and _is_fault(each) for name in each.explains} - names
        names |= more
        grown = bool(more)
    return frozenset(names)


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

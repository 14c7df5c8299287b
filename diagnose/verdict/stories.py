"""Which findings tell one story, in which order the stories come, and the headline that tells the first.

A finding that explains others stands before them, and they are told inside its story. The story takes the place that
its gravest member would have. A low confidence counts as one severity less: a guess never leads over something sure of
the same effect. Silence is never worded as health: what could not be judged is part of the headline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Confidence, Severity
from diagnose.engine.inference import Firing
from diagnose.facts.known import Known
from diagnose.rulebase.rule import Rule
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
    def result(self) -> Finding | None:
        """What as grave as the head follows from it in the end; None where nothing does."""
        grave = [each for each in self.explained if each.severity.rank <= self.head.severity.rank]
        return next((each for each in grave if not each.explains), next(iter(grave), None))

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
    """Return the story of the gravest finding that is left.

    Its head is the first cause behind that finding which is sure enough to come before it: no guess before something
    graver.
    """
    faults = [each for each in left if each.severity.rank < Severity.INFO.rank]
    reach = {id(each): _reach([each], faults) for each in faults}
    climbed = [left[0]]
    while True:
        head = climbed[-1]
        causes = [each for each in faults if each is not head and head.name in reach[id(each)]]
        sure = (e for e in causes if e.confidence is not Confidence.LOW or _weight(e)[:3] <= _weight(head)[:3])
        above = next((each for each in sure if each not in climbed), None)
        if above is None:
            break
        climbed.append(above)
    names = _reach([head, *causes], faults) if head in faults else frozenset()
    explained = (each for each in left if each.name in names and each is not head and each not in causes)
    return Story(head, tuple(causes), tuple(each for each in explained if each.severity is not Severity.GOOD))


def _reach(heads: Sequence[Finding], faults: Sequence[Finding]) -> frozenset[str]:
    """Return the names of all that the heads explain, directly or through another fault."""
    names = {name for head in heads for name in head.explains}
    while True:
        more = {name for each in faults if each.name in names for name in each.explains} - names
        if not more:
            return frozenset(names)
        names |= more


def conclude(
    findings: Sequence[Finding], unevaluated: Sequence[NotEvaluated], known: Known, *, before_a_run: bool
) -> Verdict:
    """Return the status of the gravest finding, and a sentence that tells the first story and counts the others."""
    told = [story for story in stories(findings) if story.severity in _STATUS]
    evidence = "" if before_a_run else _evidence(known)
    if not told:
        unjudged = f"{len(unevaluated)} checks could not be made"
        if evidence:
            return Verdict(Status.ATTENTION, f"No fault was found, but {evidence}")
        if known.intent.intent is None:  # whether it is healthy depends on what it is for
            return Verdict(Status.ATTENTION, f"No fault was found, but {unjudged}: the intent is unknown")
        return Verdict(Status.HEALTHY, f"No fault was found{f'; {unjudged}' if unevaluated else ''}")
    gravest = min((story.severity for story in told), key=lambda severity: severity.rank)
    others = len(told) - 1
    more = f", and {others} other problem{'s' if others > 1 else ''}" if others else ""
    limits = f". {evidence[0].upper()}{evidence[1:]}" if evidence else ""
    return Verdict(_STATUS[gravest], f"{_first(told[0])}{more}{limits}")


def _first(story: Story) -> str:
    """Tell a story in one sentence: its head, then its likely cause, or what as grave follows from it."""
    head = story.head
    if story.causes:
        return f"{head.title}; likely cause: {_inside(story.causes[0].title)}"
    last = story.result
    if last is None or last.severity.rank > Severity.MAJOR.rank:
        return head.title
    return f"{head.title}; as a result, {_inside(last.title)}"


def _inside(title: str) -> str:
    """Return a title as it reads inside a sentence."""
    word, _, rest = title.partition(" ")
    return f"{word.lower() if word.istitle() else word} {rest}".strip()


def _evidence(known: Known) -> str:
    if known.evidence.everything.console_alone:
        return f"only the console{' and the config it prints were' if known.config is not None else ' was'} read"
    has = {"no config": known.config, "no log": known.evidence.series, "no checkpoint": known.evidence.pairs or None}
    lacking = " and ".join(lack for lack, what in has.items() if what is None)
    return f"there is {lacking} to judge by" if lacking else ""


def explained(rules: Mapping[str, Rule], firings: Iterable[Firing]) -> Mapping[str, tuple[str, ...]]:
    """Return for each rule, by name, the names of those that it explains."""
    found = {rule.name: rule.explains for rule in rules.values()}
    for firing in firings:
        rule = rules[firing.rule]
        causes = firing.values.get(rule.explained_by or "")
        for name in str(causes.value).split(", ") if causes is not None and causes.known else ():
            if name in found and rule.name not in found[name]:
                found[name] = (*found[name], rule.name)
    return found

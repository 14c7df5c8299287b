"""Which findings tell one story, and in which order the stories come: causes first, each finding told once.

A finding that explains others stands before them, and they are told inside its story. The story takes the place that
its gravest member would have. A low confidence counts as one severity less: a guess never leads over something sure of
the same effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diagnose.core.model import Confidence, Severity
from diagnose.verdict.outcome import Finding


@dataclass(frozen=True, slots=True)
class Story:
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

"""Which findings come first on the page: causes, each with the symptoms it explains. Order only, no judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.model import Severity
from diagnose.verdict.outcome import Finding
from diagnose.verdict.report import Report

MOST = 3
_FIRST = (
    (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR),
    (Severity.MINOR,),
)
"""Minor findings come first only where there is nothing worse."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A finding of the first page with what it explains; `also` names what an earlier highlight lists already."""

    finding: Finding
    explained: tuple[Finding, ...]
    also: tuple[str, ...]


def highlights(report: Report) -> tuple[Highlight, ...]:
    """Choose at most MOST findings of the worst severities.

    A finding that another one explains is listed under its cause. The groups keep the rank of their worst
    member, so a cause moves up to where its worst symptom stands.
    """
    for severities in _FIRST:
        candidates = [finding for finding in report.findings if finding.severity in severities]
        if candidates:
            return tuple(_grouped(candidates))[:MOST]
    return ()


def others(report: Report, shown: Sequence[Highlight]) -> tuple[Finding, ...]:
    """Return the findings that do not have their own place on the first page, good ones left out."""
    first = [highlight.finding for highlight in shown]
    return tuple(f for f in report.findings if f.severity is not Severity.GOOD and f not in first)


def _grouped(candidates: Sequence[Finding]) -> list[Highlight]:
    taken: list[Finding] = []
    groups = []
    for candidate in candidates:
        if candidate in taken:
            continue
        head = _cause(candidate, candidates, taken)
        symptoms = _symptoms(head, candidates)
        explained = tuple(finding for finding in symptoms if finding not in taken)
        also = tuple(dict.fromkeys(finding.name for finding in symptoms if finding in taken))
        groups.append(Highlight(head, explained, also))
        taken += [head, *explained]
    return groups


def _cause(finding: Finding, candidates: Sequence[Finding], taken: Sequence[Finding]) -> Finding:
    """Climb from a finding to the first cause behind it that has no place yet."""
    climbed = [finding]
    while True:
        name = climbed[-1].name
        above = (c for c in candidates if name in c.explains and c not in climbed and c not in taken)
        cause = next(above, None)
        if cause is None:
            return climbed[-1]
        climbed.append(cause)


def _symptoms(cause: Finding, candidates: Sequence[Finding]) -> list[Finding]:
    """Return what `cause` explains, directly or through another finding, in order of rank."""
    names = set(cause.explains)
    grown = True
    while grown:
        more = {name for c in candidates if c.name in names for name in c.explains} - names
        names |= more
        grown = bool(more)
    return [c for c in candidates if c.name in names and c is not cause]

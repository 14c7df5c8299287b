"""Which stories come first on the page. Order and choice only, no judgement."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.model import Severity
from diagnose.verdict.judgement import Finding
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Story, stories

MOST = 3
_FIRST = (
    (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR),
    (Severity.MINOR,),
)
"""Minor findings come first only where there is nothing worse."""


def highlights(report: Report) -> tuple[Story, ...]:
    """Choose at most MOST stories of the worst severities."""
    told = stories(report.findings)
    for severities in _FIRST:
        chosen = tuple(story for story in told if story.severity in severities)
        if chosen:
            return chosen[:MOST]
    return ()


def others(report: Report, shown: Sequence[Story]) -> tuple[Finding, ...]:
    """Return the findings that do not have their own place on the first page, good ones left out."""
    first = [story.head for story in shown]
    return tuple(f for f in report.findings if f.severity is not Severity.GOOD and f not in first)

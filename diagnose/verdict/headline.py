"""The verdict in one line. Silence is never worded as health: what could not be judged is part of the line."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.facts.known import Known
from diagnose.model import Severity
from diagnose.verdict.outcome import Finding, NotEvaluated
from diagnose.verdict.report import Status, Verdict

_STATUS = {
    Severity.BLOCKER: Status.BLOCKED,
    Severity.CRITICAL: Status.FAILING,
    Severity.MAJOR: Status.ATTENTION,
    Severity.MINOR: Status.ATTENTION,
}


def conclude(
    findings: Sequence[Finding], unevaluated: Sequence[NotEvaluated], known: Known, *, before_a_run: bool
) -> Verdict:
    """Return the status of the worst finding, and a sentence that names it and what stands behind it."""
    faults = [finding for finding in findings if finding.severity in _STATUS]
    evidence = "" if before_a_run else _evidence(known)
    if not faults:
        if evidence:
            return Verdict(Status.ATTENTION, f"Nothing wrong was found, but there is {evidence} to judge by")
        return _faultless(len(unevaluated), known)
    worst = faults[0]
    others = sum(finding.severity is not Severity.GOOD for finding in findings) - 1
    more = f", and {others} more finding{'s' if others > 1 else ''}" if others else ""
    limits = f"; there is {evidence} to judge by" if evidence else ""
    return Verdict(_STATUS[worst.severity], f"{worst.title}{more}{limits}")


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

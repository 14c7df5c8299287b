"""Findings made by hand, with what a test says of them."""

from __future__ import annotations

from diagnose.core.values import Confidence, Severity
from diagnose.verdict.judgement import Finding


def found(
    name: str,
    severity: str,
    *explains: str,
    confidence: Confidence = Confidence.HIGH,
    subject: str = "run",
    title: str = "",
) -> Finding:
    """Return a finding of this name that explains others."""
    return Finding(
        name=name, rule=name.upper(), subject=subject, severity=Severity(severity), confidence=confidence,
        title=title or name, message=name, why="", claims=(), params=(), evidence=(), chain=(), explains=explains,
        known_problems=(), changes=(),
    )  # fmt: skip

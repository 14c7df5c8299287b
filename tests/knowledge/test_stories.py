"""The rules' own explanations: what stops a trainer explains the crash that it leads to."""

from __future__ import annotations

from diagnose.core.values import Severity
from diagnose.settings import Settings, rule_base

RULES = {rule.name: rule for rule in rule_base(Settings()).rules}
CRASH = "training-crashed"
NO_CRASH = {"training-diverged", "nan-from-the-first-step", "learning-rate-extreme", CRASH}
"""Blockers of a run that went on to its end, and the crash itself."""


def test_whatever_stops_the_trainer_explains_the_crash() -> None:
    blockers = {
        rule.name
        for rule in RULES.values()
        if Severity.BLOCKER in {rule.severity, *(grade.severity for grade in rule.grades)}
    }
    assert {name for name in blockers - NO_CRASH if CRASH not in RULES[name].explains} == set()

"""A rule that says nothing: tests and scripts of the engine replace what the engine reads."""

from __future__ import annotations

from diagnose.core.values import Confidence, Stage
from diagnose.rulebase.rule import Rule

BLANK_RULE = Rule(
    id="",
    name="",
    title="",
    stage=Stage.SYMPTOM,
    status="stable",
    since="",
    domain="any",
    intents=(),
    trainers=(),
    severity=None,
    grades=(),
    confidence=Confidence.LOW,
    why="",
    known_problems=(),
    claims=(),
    params=(),
    applies=(),
    when=(),
    unless=(),
    message="",
    derives=(),
    changes=(),
    cases=(),
)

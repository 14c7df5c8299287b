"""A run that broke says nothing of its balance: that is not judged, and the report says so."""

from __future__ import annotations

from diagnose.core.model import Confidence, Severity
from diagnose.settings import Settings, rule_base
from diagnose.verdict.judgement import Finding, Passed
from diagnose.verdict.unjudged import held_topics, without_held_back

RULES = {rule.id: rule for rule in rule_base(Settings()).rules}
BY_NAME = {rule.name: rule for rule in RULES.values()}


def found(name: str) -> Finding:
    return Finding(
        name=name, rule=BY_NAME[name].id, subject="run", severity=Severity.MAJOR, confidence=Confidence.HIGH, title=name,
        message=f"{name} says so", why="", claims=(), params=(), evidence=(), chain=(), explains=(), known_problems=(),
        changes=(),
    )  # fmt: skip


def test_a_divergence_holds_back_balance_strength_and_length() -> None:
    about_it = ("lr-ratio-too-small", "high-noise-too-weak", "trained-too-short")
    others = ("training-diverged", "lora-scale-mismatch")
    findings = tuple(map(found, (*others, *about_it)))
    sound = (Passed("weight-ratio-too-low", BY_NAME["weight-ratio-too-low"].id, "", ()),)
    kept, passed, held = without_held_back(findings, sound, RULES)
    assert tuple(each.name for each in kept) == others
    assert passed == (), "a rule that is silent on a broken run has not passed"
    assert {each.name for each in held} == set(about_it)
    assert {each.reason for each in held} == {"not judged, because the run broke: training-diverged says so"}


def test_nothing_is_held_back_where_nothing_broke() -> None:
    findings = (found("lr-ratio-too-small"), found("trained-too-long"))
    assert without_held_back(findings, (), RULES) == (findings, (), ())
    assert held_topics(findings, RULES) == {}


def test_every_topic_that_is_held_back_is_stated_by_the_rules_about_it() -> None:
    held = {topic for rule in RULES.values() for topic in rule.holds_back}
    assert held == {"balance", "strength", "length"}
    assert held <= {rule.topic for rule in RULES.values()}

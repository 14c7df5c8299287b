"""What cannot be judged because the run broke: its balance, strength and length say nothing of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.rulebase.rule import Rule
from diagnose.verdict.outcome import Finding, NotEvaluated, Passed


def held_topics(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Mapping[str, Finding]:
    """Return each topic that a finding holds back, with the first finding that does."""
    held: dict[str, Finding] = {}
    for finding in findings:
        for topic in rules[finding.rule].holds_back:
            held.setdefault(topic, finding)
    return held


def without_held_back(
    findings: Sequence[Finding], passed: Sequence[Passed], rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Passed, ...], tuple[NotEvaluated, ...]]:
    """Return the findings and passed rules that can be judged all the same, and what is held back as not judged."""
    held = held_topics(findings, rules)
    kept = tuple(finding for finding in findings if rules[finding.rule].topic not in held)
    sound = tuple(each for each in passed if rules[each.rule].topic not in held)
    gone = dict.fromkeys(finding.rule for finding in findings if rules[finding.rule].topic in held)
    return kept, sound, tuple(_not_judged(rules[id_], held) for id_ in gone)


def _not_judged(rule: Rule, held: Mapping[str, Finding]) -> NotEvaluated:
    because = f"not judged, because the run broke: {held[rule.topic or ''].message}"
    return NotEvaluated(rule.name, rule.id, rule.title, (), (), because)

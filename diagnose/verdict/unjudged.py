"""The rules without a finding: those that passed, those that could not be judged, and those held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagnose.core.values import Severity
from diagnose.engine.inference import Inference
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.rule import Meaning, Rule
from diagnose.verdict.judgement import Finding, NotEvaluated, Passed, evidence_of
from diagnose.verdict.scope import is_scope


def passed(rules: Mapping[str, Rule], inference: Inference, findings: Sequence[Finding]) -> tuple[Passed, ...]:
    """Return the rules that looked for a fault and know that there is none."""
    fired = {finding.rule for finding in findings}
    silent = dict.fromkeys(id_ for id_, _ in inference.silent if id_ not in fired)
    return tuple(
        Passed(rule.name, rule.id, rule.title, rule.claims)
        for rule in (rules[id_] for id_ in silent)
        if rule.severity not in {None, Severity.GOOD}
    )


def not_evaluated(rules: Mapping[str, Rule], inference: Inference, base: RuleBase) -> tuple[NotEvaluated, ...]:
    """Return the rules that lacked facts, then those whose validity does not reach this run."""
    found: list[NotEvaluated] = []
    lacking: dict[str, dict[str, None]] = {}
    for gap in inference.gaps:
        lacking.setdefault(gap.rule, {}).update({name: None for name, _ in gap.missing})
    for id_, facts in lacking.items():
        rule, names = rules[id_], tuple(facts)
        if rule.severity in {None, Severity.GOOD}:
            continue
        needs = tuple(dict.fromkeys(need for name in names for need in _provide(name, rules, lacking, base)))
        found.append(NotEvaluated(rule.name, rule.id, rule.title, needs, names, "facts are missing"))
    for out in inference.out_of_range:
        rule = rules[out.rule]
        if rule.severity in {None, Severity.GOOD} or is_scope(out.fact.name):
            continue
        evidence = evidence_of(out.fact, base.knowledge)
        note = f" ({evidence.note})" if evidence.note else ""
        reason = f"outside its validity: it does not hold that {evidence.meaning}{note}"
        found.append(NotEvaluated(rule.name, rule.id, rule.title, (), (out.fact.name,), reason))
    return tuple(found)


def _provide(
    name: str, rules: Mapping[str, Rule], lacking: Mapping[str, Iterable[str]], base: RuleBase
) -> Iterator[str]:
    """Yield what to provide for a fact; for a conclusion, what the rules that could draw it lack."""
    declaration = base.knowledge.facts.get(name)
    if declaration is not None:
        yield declaration.provide
        return
    for id_, facts in lacking.items():
        if name in rules[id_].derives:
            for fact in facts:
                yield from _provide(fact, rules, lacking, base)


def without_held_back(
    findings: Sequence[Finding], passed: Sequence[Passed], rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Passed, ...], tuple[NotEvaluated, ...]]:
    """Return the findings and passed rules that can be judged all the same, and what is held back as not judged."""
    held: dict[str | None, Finding] = {}
    for finding in findings:
        for topic in rules[finding.rule].holds_back:
            held.setdefault(topic, finding)
    unjudged = []
    for id_ in dict.fromkeys(finding.rule for finding in findings):
        rule = rules[id_]
        if rule.topic in held:
            holder = held[rule.topic]
            cause = "the run broke" if Meaning.RUN_BROKE in rules[holder.rule].means else "it was measured itself"
            because = f"not judged, because {cause}: {holder.message}"
            unjudged.append(NotEvaluated(rule.name, rule.id, rule.title, (), (), because))
    return (
        tuple(finding for finding in findings if rules[finding.rule].topic not in held),
        tuple(each for each in passed if rules[each.rule].topic not in held),
        tuple(unjudged),
    )

"""How severe a firing is: the rule's word, graded by the size of the effect, capped by the volume of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnose.core.model import Fact, Severity
from diagnose.engine.inference import Firing
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.rule import Reference, Rule


@dataclass(frozen=True, slots=True)
class Graded:
    """The severity of a finding, and why it is lower than the effect alone would make it."""

    severity: Severity
    capped: str | None


def graded_severity(rule: Rule, values: Mapping[str, Fact]) -> Severity:
    """Return the first grade whose test is known to hold, else the rule's own severity.

    `values` has the fact behind each alias; one that the rule only shows may be missing.
    The rule must word a finding (a remedy has no severity).
    """
    if rule.severity is None:
        raise ValueError(f"{rule.id} words no finding")
    known = {alias: fact.value for alias, fact in values.items()}
    for each in rule.grades:
        operand = each.test.operand
        aliases = {each.alias, operand.alias} if isinstance(operand, Reference) else {each.alias}
        if aliases <= known.keys() and passes(each.test, known[each.alias], known):
            return each.severity
    return rule.severity


def grade(rule: Rule, firing: Firing, declarations: Mapping[str, FactDeclaration]) -> Graded:
    """Return min(effect, evidence): two log lines never make a critical finding.

    The evidence is what the rule fired by; what it only shows weighs nothing.
    """
    severity = graded_severity(rule, firing.values)
    cap, reason = Severity.BLOCKER, None
    for _, fact in firing.bound:
        limit = _cap(fact, declarations.get(fact.name))
        if limit is not None and limit.rank > cap.rank:
            cap = limit
            reason = f"{fact.name} rests on {fact.samples} observations only"
    return Graded(cap, reason) if cap.rank > severity.rank else Graded(severity, None)


def _cap(fact: Fact, declaration: FactDeclaration | None) -> Severity | None:
    if fact.samples is None or declaration is None:
        return None
    if declaration.major_samples is not None and fact.samples < declaration.major_samples:
        return Severity.MINOR
    if declaration.critical_samples is not None and fact.samples < declaration.critical_samples:
        return Severity.MAJOR
    return None

"""What the verdict would be if the intent were known: where the user did not say it and nothing shows it.

Advice for motion is the opposite of advice for the rest, so nothing may be advised before the intent is known (INT-01).
What hangs on it can be said all the same, once for each thing the LoRA may be meant to learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diagnose.core.model import RUN, Fact, Intent, Severity
from diagnose.engine.run import infer
from diagnose.facts.known import Known
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Rule
from diagnose.verdict.findings import build_findings
from diagnose.verdict.held_back import without_held_back
from diagnose.verdict.outcome import Finding, Supposed, Supposition
from diagnose.verdict.scope import INTENT


def suppose_intents(
    rules: Mapping[str, Rule], known: Known, knowledge: Knowledge, found: Sequence[Finding]
) -> tuple[Supposition, ...]:
    """Return the faults that each intent would add to those found; nothing where the intent is known.

    Intents that add the same are told together. The reference matcher answers: it needs no process of its own.
    """
    if known.intent.intent is not None:
        return ()
    by_addition: dict[tuple[Supposed, ...], list[str]] = {}
    for intent in Intent:
        facts = _as_if(known.facts, intent)
        inference = infer(tuple(rules.values()), facts, engine="matcher")
        findings, _, _ = without_held_back(build_findings(rules, inference.firings, knowledge, ()), (), rules)
        by_addition.setdefault(_added(findings, found), []).append(intent.value)
    return tuple(Supposition(tuple(intents), added) for added, intents in by_addition.items())


def _as_if(facts: Iterable[Fact], intent: Intent) -> tuple[Fact, ...]:
    said = Fact(INTENT, RUN, intent.value, note="supposed")
    return tuple(said if fact.key == (INTENT, RUN) else fact for fact in facts)


def _added(findings: Iterable[Finding], found: Iterable[Finding]) -> tuple[Supposed, ...]:
    there = {(finding.name, finding.subject) for finding in found}
    return tuple(
        Supposed(finding.name, finding.rule, finding.severity, finding.title, finding.message)
        for finding in findings
        if finding.severity is not Severity.GOOD and (finding.name, finding.subject) not in there
    )

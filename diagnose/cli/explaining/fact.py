"""A fact or a conclusion explained: what it means and who reads it; with a run its value and how it was come by."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.cli.explaining.words import at, come_by, outcomes, proof, whom
from diagnose.core.model import Fact
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.message import format_value
from diagnose.rulebase.walk import conditions
from diagnose.verdict.consult import Consultation
from diagnose.verdict.examine import examine


def fact_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of a declared fact."""
    declared = base.knowledge.facts[name]
    unit = f", {declared.unit}" if declared.unit else ""
    yield f"{name} ({declared.type.value}{unit}, of the {declared.subject.value}): {declared.meaning}"
    yield f"When it is unknown, provide {declared.provide}."
    if held is not None:
        facts = held.grounds.named(name)
        yield "\nIn this run:" if facts else "\nThis run has no such fact."
        yield from map(_value, facts)
    yield from _readers(name, base, held)


def conclusion_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of a conclusion, with a run down to the facts behind it."""
    behind = [rule for rule in base.rules if name in rule.derives]
    yield f"{name}: concluded by {', '.join(rule.name for rule in behind)}."
    if held is not None:
        for rule in held.grounds.behind(name):
            for examined in examine(rule, held.grounds):
                yield "In this run " + "\n".join(proof(examined, base.knowledge.facts))
    yield from _readers(name, base, held)


def _value(fact: Fact) -> str:
    if not fact.known:
        return f"- unknown{whom(fact.subject)}: {fact.note}" if fact.note else f"- unknown{whom(fact.subject)}"
    unit = f" {fact.unit}" if fact.unit else ""
    where = at(fact.places)
    return f"- {format_value(fact.value)}{unit}{whom(fact.subject)} ({come_by(fact)}){f' · {where}' if where else ''}"


def _readers(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    readers = [rule for rule in base.rules if any(each.condition.fact == name for each in conditions(rule))]
    showing = [rule for rule in base.rules if any(each.fact == name for each in rule.show)]
    yield "\nRead by:" if readers else "\nNo rule reads it; it is shown in the report."
    yield from (f"- {rule.name}: {rule.title}{f' ({outcomes(rule, held)})' if held else ''}" for rule in readers)
    if showing:
        yield f"Shown, where it is known, by: {', '.join(rule.name for rule in showing)}."
    rivals = [rival for rival in base.knowledge.rivals.values() if any(c.fact == name for c in rival.conditions)]
    yield from (f"- rival explanation {rival.id}: {rival.says}" for rival in rivals)

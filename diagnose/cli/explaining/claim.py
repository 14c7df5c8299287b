"""A claim of the source document explained: its passage, how it has stood up, where it is used, and what a run says."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.cli.explaining.words import whom
from diagnose.core.resources import knowledge_dir
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.coverage import claim_uses, rests_on
from diagnose.rulebase.message import format_value, render
from diagnose.rulebase.rule import Rule
from diagnose.verdict.consult import Consultation
from diagnose.verdict.examine import Examined, Outcome, examine


def claim_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of one claim of the index."""
    from diagnose.rulebase.document import load_document  # noqa: PLC0415 - parses the pages, for this command only

    knowledge = base.knowledge
    claim = knowledge.claims[name]
    passage = load_document(knowledge_dir()).passages[name]
    yield f"{name} ({claim.kind})\n{passage.text.strip()}"
    if claim.values:
        yield f"Figures: {', '.join(f'{key} = {_figure(value)}' for key, value in claim.values.items())}"
    yield f"In the document: knowledge/document/{passage.page}:{passage.line}, under “{passage.heading.title}”."
    if standing := knowledge.standings.get(name):
        yield f"\nEvidence: {standing.grade.value}. {standing.because}"
        yield from (f"- {reference}" for reference in standing.references)
        yield f"A finding whose threshold comes from it is of {standing.ceiling.value} confidence at most."
    uses = claim_uses(base.rules, knowledge)[name]
    yield f"\nUsed by: {', '.join(uses) if uses else 'nothing'}."
    yield from (f"- plan: {item.says}" for items in knowledge.plan.values() for item in items if name in item.claims)
    entry = knowledge.checklist.get(name)
    if entry is not None and entry.ask:
        yield f"- the checklist asks: {entry.ask}"
    if held is not None:
        yield from _in_this_run(name, held)


def _figure(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(_figure, value))
    return format_value(value) if isinstance(value, bool | int | float | str) else str(value)


def _in_this_run(name: str, held: Consultation) -> Iterator[str]:
    entry = held.base.knowledge.checklist.get(name)
    deciding = set(entry.rules) if entry is not None else set()
    rules = [rule for rule in held.grounds.rules.values() if name in rests_on(rule) or rule.name in deciding]
    yield "\nIn this run:" if rules else "\nNo rule decides it from this run's files."
    for rule in rules:
        for examined in examine(rule, held.grounds):
            yield f"- {rule.name} {examined.outcome.value}{whom(examined.subject, 'for')}{_more(rule, examined, held)}"


def _more(rule: Rule, examined: Examined, held: Consultation) -> str:
    """What a rule that fired says; what one that could not be evaluated needs."""
    if examined.outcome is Outcome.FIRED:
        values = [f.values for f in held.inference.firings if (f.rule, f.subject) == (rule.id, examined.subject)]
        return f": {render(rule, values[0], examined.subject).strip()}" if rule.message else ""
    if examined.outcome is not Outcome.GAP:
        return ""
    facts = held.base.knowledge.facts
    unknown = [state.fact for state in examined.conditions if state.met is None]
    needs = dict.fromkeys(facts[fact].provide if fact in facts else fact for fact in unknown)
    return f"; provide {', '.join(needs)}"

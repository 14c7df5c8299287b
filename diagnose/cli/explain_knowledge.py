"""What is no rule, explained: a claim, a fact, a term, a conclusion, a recipe, a threshold, a rival explanation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnose.cli.explain_rule import at, come_by, condition, keys_for, outcomes, proof, threshold, whom
from diagnose.core.paths import knowledge_dir
from diagnose.core.values import Fact
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.comparison import told
from diagnose.rulebase.coverage import claim_uses, rests_on
from diagnose.rulebase.message import format_value, worded
from diagnose.rulebase.rivals import AllOf, Rival
from diagnose.rulebase.rule import EACH, Param, Rule
from diagnose.rulebase.walk import conditions
from diagnose.trainers.declared import Keys
from diagnose.verdict.examine import Examined, Outcome, examine

if TYPE_CHECKING:
    from diagnose.verdict.consult import Consultation


def claim_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of one claim of the index."""
    from diagnose.rulebase.document import load_document  # noqa: PLC0415 - parses the pages, for this command only

    knowledge = base.knowledge
    claim = knowledge.claims[name]
    passage = load_document(knowledge_dir()).passages[name]
    yield f"{name} ({claim.kind})\n{passage.text.strip()}"
    if claim.values:
        yield f"Figures: {', '.join(f'{key} = {_claim_value(value)}' for key, value in claim.values.items())}"
    yield f"Source: knowledge/document/{passage.page}:{passage.line}, under “{passage.heading.title}”."
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
        yield from _claim_in_run(name, held)


def _claim_value(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(_claim_value, value))
    return format_value(value) if isinstance(value, bool | int | float | str) else str(value)


def _claim_in_run(name: str, held: Consultation) -> Iterator[str]:
    entry = held.base.knowledge.checklist.get(name)
    deciding = set(entry.rules) if entry is not None else set()
    rules = [rule for rule in held.grounds.rules.values() if name in rests_on(rule) or rule.name in deciding]
    yield "\nIn this run:" if rules else "\nNo rule decides it from this run's files."
    for rule in rules:
        for examined in examine(rule, held.grounds):
            more = _outcome_detail(rule, examined, held)
            yield f"- {rule.name} {examined.outcome.value}{whom(examined.subject, 'for')}{more}"


def _outcome_detail(rule: Rule, examined: Examined, held: Consultation) -> str:
    """What a rule that fired says; what one that could not be evaluated needs."""
    if examined.outcome is Outcome.FIRED:
        values = [f.values for f in held.inference.firings if (f.rule, f.subject) == (rule.id, examined.subject)]
        return f": {worded(rule.message, rule, values[0], examined.subject).strip()}" if rule.message else ""
    if examined.outcome is not Outcome.GAP:
        return ""
    facts = held.base.knowledge.facts
    unknown = [state.fact for state in examined.conditions if state.met is None]
    needs = dict.fromkeys(facts[fact].provide if fact in facts else fact for fact in unknown)
    return f"; provide {', '.join(needs)}"


def fact_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of a declared fact."""
    declared = base.knowledge.facts[name]
    unit = f", {declared.unit}" if declared.unit else ""
    yield f"{name} ({declared.type.value}{unit}, of the {declared.subject.value}): {declared.meaning}"
    yield f"When it is unknown, provide {declared.provide}."
    if held is not None:
        facts = held.grounds.named(name)
        yield "\nIn this run:" if facts else "\nThis run has no such fact."
        yield from map(_fact_value, facts)
    yield from _readers(name, base, held)


def term_lines(name: str, base: RuleBase, _: Consultation | None) -> Iterator[str]:
    """Yield what a term means."""
    yield f"{name}: {base.knowledge.glossary[name]}"


def conclusion_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield the explanation of a conclusion, with a run down to the facts behind it."""
    behind = [rule for rule in base.rules if name in rule.derives]
    yield f"{name}: concluded by {', '.join(rule.name for rule in behind)}."
    if held is not None:
        for rule in held.grounds.behind(name):
            for examined in examine(rule, held.grounds):
                yield "In this run " + "\n".join(proof(examined, base.knowledge.facts))
    yield from _readers(name, base, held)


def _fact_value(fact: Fact) -> str:
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


def recipe_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield what a strategy writes, key by key, and which rules write it; with a run what became of those."""
    recipe = base.knowledge.recipes[name]
    yield f"{name}: a strategy for the next motion run (--strategy {name})"
    yield f"Based on: {', '.join(recipe.claims)}"
    yield "\nWrites, where a rule asks for it:"
    for name_, value in recipe.values.items():
        writers: dict[str, list[str]] = {}
        for rule in base.rules:
            for spec in rule.changes:
                if spec.recipe == name_:
                    key = keys_for(rule, base, held).called(spec.setting, spec.entry)
                    writers.setdefault(key, []).append(rule.name)
        yield from (f"- {key} = {format_value(value)} ({', '.join(rules)})" for key, rules in writers.items())
        if not writers:
            yield f"- {_called(name_, base, held)} = {format_value(value)} (for next --split; no rule writes it)"
    if held is not None:
        writing = [rule for rule in base.rules if any(change.recipe is not None for change in rule.changes)]
        yield "\nIn this run:"
        yield from (f"- {rule.name} {outcomes(rule, held)}" for rule in writing)


def _called(setting: str, base: RuleBase, held: Consultation | None) -> str:
    keys = held.known.keys if held is not None else Keys(next(iter(base.knowledge.keys.values())))
    return keys.called(setting)


def threshold_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield what a threshold is, where it comes from, and who compares with it; with a run how far off it was."""
    shared = base.knowledge.parameters.get(name)
    own = {f"{rule.name}.{param.name}": param for rule in base.rules for param in rule.params}
    yield threshold(shared if shared is not None else own[name])
    if name in base.knowledge.meanings:
        yield f"{base.knowledge.meanings[name]}; override it with --set {name}=VALUE"
    users = [rule for rule in base.rules if _uses(name, shared, rule.name, rule.params)]
    rivals = [rival.id for rival in base.knowledge.rivals.values() if name in rival.params]
    used = [*(rule.name for rule in users), *(f"rival explanation {rival}" for rival in rivals)]
    yield f"Used by: {', '.join(used) if used else 'nothing'}"
    if held is not None:
        yield "\nIn this run:" if users else "\nNo rule compares this run with it."
        yield from (line for rule in users for line in _compared(rule, name.rpartition(".")[2], held))


def _compared(rule: Rule, param: str, held: Consultation) -> Iterator[str]:
    """What became of a rule, and below it what was compared with the parameter."""
    for examined in examine(held.grounds.rules[rule.id], held.grounds):
        yield f"- {rule.name} {examined.outcome.value}{whom(examined.subject, 'for')}"
        for state in examined.conditions:
            if any(each.test.param == param for each in state.asked):
                yield f"  - {condition(state, held.base.knowledge.facts)}"


def _uses(name: str, shared: Param | None, rule: str, params: tuple[Param, ...]) -> bool:
    return any((param.name if shared is not None else f"{rule}.{param.name}") == name for param in params)


def rival_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield a rival explanation: what it competes with, what decides it, and what a run says of it."""
    rival = base.knowledge.rivals[name]
    yield f"{name} ({rival.grade.value}; {', '.join(rival.references)})\n{rival.says}"
    yield "\nCould explain:"
    for rule, test in rival.explains.items():
        yield f"- {rule}; to tell them apart ({test.cost.value}): {test.does}"
    for lead, clauses in (("Ruled out where", rival.ruled_out_by), ("Supported where", rival.supported_by)):
        yield from (f"{lead} {_clause(clause)}" for clause in clauses)
    if rival.ask:
        yield f"Only you can tell: {rival.ask}"
    if held is not None:
        yield from _weighed(rival, held)


def _weighed(rival: Rival, held: Consultation) -> Iterator[str]:
    weighed = held.rivals.weighed(rival, next(iter(rival.explains)))
    if weighed is None:
        yield "\nThe config alone does not decide it; only a run could."
    else:
        facts = ", ".join(f"{fact.fact} is {format_value(fact.value)}" for fact in weighed.evidence)
        yield f"\nIn this run it is {weighed.state.value}{f': {facts}' if facts else ''}"
        yield from (f"- to settle it: {need}" for need in weighed.needs)
    fired = {held.grounds.rules[firing.rule].name for firing in held.inference.firings}
    found = [rule for rule in rival.explains if rule in fired]
    if found:
        yield f"It bears on what was found: {', '.join(found)}."
    else:
        yield f"It would explain {' or '.join(rival.explains)}, of which nothing was found here."


def _clause(clause: AllOf) -> str:
    return " and ".join(
        f"{c.fact}{' of each' if c.subject == EACH else whom(c.subject)} {' and '.join(map(told, c.tests))}"
        for c in clause
    )

"""A recipe, a threshold and a rival explanation, explained."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.cli.explaining.rule import threshold
from diagnose.cli.explaining.words import OPERATORS, condition, outcomes, whom
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rivals import AllOf, Rival
from diagnose.rulebase.rule import EACH, Param, Reference, Rule, Test
from diagnose.verdict.consult import Consultation
from diagnose.verdict.examine import examine


def recipe_lines(name: str, base: RuleBase, held: Consultation | None) -> Iterator[str]:
    """Yield what a strategy writes, key by key, and which rules write it; with a run what became of those."""
    recipe = base.knowledge.recipes[name]
    yield f"{name}: a strategy for the next motion run (--strategy {name})"
    yield f"Rests on: {', '.join(recipe.claims)}"
    yield "\nWrites, where a rule asks for it:"
    for key, value in recipe.values.items():
        rules = [rule.name for rule in base.rules if any(change.recipe == key for change in rule.changes)]
        yield f"- {key} = {format_value(value)}{_by(rules)}"
    if held is not None:
        writers = [rule for rule in base.rules if any(change.recipe is not None for change in rule.changes)]
        yield "\nIn this run:"
        yield from (f"- {rule.name} {outcomes(rule, held)}" for rule in writers)


def _by(rules: list[str]) -> str:
    return f" ({', '.join(rules)})" if rules else " (no rule writes it)"


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
    weighed = [each for each in held.rivals.weighed(next(iter(rival.explains))) if each.id == rival.id]
    for each in weighed:
        facts = ", ".join(f"{fact.fact} is {format_value(fact.value)}" for fact in each.evidence)
        yield f"\nIn this run it is {each.state.value}{f': {facts}' if facts else ''}"
        yield from (f"- to settle it: {need}" for need in each.needs)
    if not weighed:
        yield "\nThe config alone does not decide it; only a run could."
    fired = {held.grounds.rules[firing.rule].name for firing in held.inference.firings}
    found = [rule for rule in rival.explains if rule in fired]
    if found:
        yield f"It bears on what was found: {', '.join(found)}."
    else:
        yield f"It would explain {' or '.join(rival.explains)}, of which nothing was found here."


def _clause(clause: AllOf) -> str:
    return " and ".join(
        f"{c.fact}{' of each' if c.subject == EACH else whom(c.subject)} {' and '.join(map(_test, c.tests))}"
        for c in clause
    )


def _test(test: Test) -> str:
    if isinstance(test.operand, Reference):  # a rival has none
        return OPERATORS[test.op]
    members = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    source = f" ({test.param})" if test.param else ""
    return f"{OPERATORS[test.op]} {', '.join(map(format_value, members))}{source}"

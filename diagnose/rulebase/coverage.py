"""What is covered: which claims of the source document are used and where, and what a rule's cases exercise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from diagnose.core.values import RUN
from diagnose.rulebase.comparison import literals
from diagnose.rulebase.faults import KeyPath, dotted
from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rule import Reference, Rule, Test
from diagnose.rulebase.walk import conditions


def claim_uses(rules: Iterable[Rule], knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """Return for every claim of the index the places that cite it, in order; none for a claim that nothing uses.

    Args:
        rules: each counts under its name, for what it cites and for what its parameters rest on.
        knowledge: its parameters count as "parameter NAME", its recipes as "recipe NAME", an item of the pre-flight
            checklist as "checklist", one of the plan for the next run as "plan: PART".
    """
    uses: dict[str, set[str]] = {claim: set() for claim in knowledge.claims}
    for claim, place in _citations(rules, knowledge):
        if claim in uses:
            uses[claim].add(place)
    return {claim: tuple(sorted(places)) for claim, places in uses.items()}


def rests_on(rule: Rule) -> tuple[str, ...]:
    """Return the claims that a rule cites, and those that its parameters come from."""
    sources = (claim for param in rule.params for claim in cited_claims(param.source))
    return tuple(dict.fromkeys((*rule.claims, *sources)))


def _citations(rules: Iterable[Rule], knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for rule in rules:
        yield from ((claim, rule.name) for claim in rests_on(rule))
    for param in knowledge.parameters.values():
        yield from ((claim, f"parameter {param.name}") for claim in cited_claims(param.source))
    for recipe in knowledge.recipes.values():
        yield from ((claim, f"recipe {recipe.name}") for claim in recipe.claims)
    yield from ((claim, "checklist") for claim in knowledge.checklist)
    for part, items in knowledge.plan.items():
        yield from ((claim, f"plan: {part}") for item in items for claim in item.claims)


def kinds_of_case(rule: Rule) -> Mapping[str, int]:
    """Return how many of the rule's cases fire, stay silent, and leave a fact unknown."""
    return {
        "fires": sum(case.fires for case in rule.cases),
        "silent": sum(not case.fires and not case.missing for case in rule.cases),
        "unknown": sum(bool(case.missing) for case in rule.cases),
    }


def worded(rule: Rule, path: KeyPath) -> str:
    """Say what stands at a place that the proof of a rule's cases names: a condition, one of its tests, or a grade."""
    match path:
        case ("grades", int(index), *_):
            grade = rule.grades[index]
            return f"{grade.severity.value} where {grade.alias} {_tested(grade.test)}"
        case ("show", int(index)):
            return f"{rule.show[index].fact} is shown"
        case ("when", int(_)) if path not in {placed.path for placed in conditions(rule)}:
            return "at least one of them"
    for placed in conditions(rule):
        if path[: len(placed.path)] == placed.path:
            condition = placed.condition
            ops = path[len(placed.path) :]
            tests = [test for test in condition.tests if not ops or test.op.value in ops]
            who = "" if condition.subject == RUN else f" of {condition.subject}"
            return f"{condition.fact}{who} {' and '.join(map(_tested, tests)) or 'is known'}"
    return dotted(path)


def _tested(test: Test) -> str:
    if isinstance(test.operand, Reference):
        times = f" x {test.operand.times:g}" if test.operand.times != 1 else ""
        return f"{test.op.value} {test.operand.alias}{times}"
    if test.param is not None:
        return f"{test.op.value} ${test.param}"
    return f"{test.op.value} {', '.join(map(format_value, literals(test)))}"

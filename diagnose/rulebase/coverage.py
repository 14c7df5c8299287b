"""What is covered: which claims of the source document are used and where, and what a rule's cases exercise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagnose.core.values import RUN
from diagnose.rulebase.comparison import told
from diagnose.rulebase.faults import KeyPath, dotted
from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.walk import conditions


def claim_uses(rules: Iterable[Rule], knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """Return for every claim of the index the places that cite it, in order; none for a claim that nothing uses.

    Places are the name of a rule, "parameter NAME", "recipe NAME", "checklist" and "plan: PART".
    """
    cited = [(claim, rule.name) for rule in rules for claim in rests_on(rule)]
    for param in knowledge.parameters.values():
        cited += [(claim, f"parameter {param.name}") for claim in cited_claims(param.source)]
    for recipe in knowledge.recipes.values():
        cited += [(claim, f"recipe {recipe.name}") for claim in recipe.claims]
    cited += [(claim, "checklist") for claim in knowledge.checklist]
    for part, items in knowledge.plan.items():
        cited += [(claim, f"plan: {part}") for item in items for claim in item.claims]
    uses: dict[str, set[str]] = {claim: set() for claim in knowledge.claims}
    for claim, place in cited:
        if claim in uses:
            uses[claim].add(place)
    return {claim: tuple(sorted(places)) for claim, places in uses.items()}


def rests_on(rule: Rule) -> tuple[str, ...]:
    """Return the claims that a rule cites, and those that its parameters come from."""
    sources = (claim for param in rule.params for claim in cited_claims(param.source))
    return tuple(dict.fromkeys((*rule.claims, *sources)))


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
            return f"{grade.severity.value} where {grade.alias} {told(grade.test)}"
        case ("show", int(index)):
            return f"{rule.show[index].fact} is shown"
        case ("when", int(_)) if path not in {placed.path for placed in conditions(rule)}:
            return "at least one of them"
    for condition, _, place in conditions(rule):
        if path[: len(place)] == place:
            ops = path[len(place) :]
            tests = [test for test in condition.tests if not ops or test.op.value in ops]
            who = "" if condition.subject == RUN else f" of {condition.subject}"
            return f"{condition.fact}{who} {' and '.join(map(told, tests)) or 'is known'}"
    return dotted(path)

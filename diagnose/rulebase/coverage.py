"""Which claims of the source document are used, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from diagnose.rulebase.knowledge import Knowledge, cited_claims
from diagnose.rulebase.rule import Rule


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


def _citations(rules: Iterable[Rule], knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for rule in rules:
        sources = (claim for param in rule.params for claim in cited_claims(param.source))
        yield from ((claim, rule.name) for claim in (*rule.claims, *sources))
    for param in knowledge.parameters.values():
        yield from ((claim, f"parameter {param.name}") for claim in cited_claims(param.source))
    for recipe in knowledge.recipes.values():
        yield from ((claim, f"recipe {recipe.name}") for claim in recipe.claims)
    yield from ((claim, "checklist") for claim in knowledge.checklist)
    for part, items in knowledge.plan.items():
        yield from ((claim, f"plan: {part}") for item in items for claim in item.claims)

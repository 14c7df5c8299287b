"""Where a rule's statements and figures come from: the claims and recipes it cites exist, and its domain."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.rulebase.domain import ANY
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.knowledge import unknown_claims
from diagnose.rulebase.reading.validation import nearest


def lint_sources(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each citation that leads nowhere."""
    knowledge = words.knowledge
    if file.rule.domain not in {ANY, *knowledge.domains}:
        text = f"there is no domain {file.rule.domain}{nearest(file.rule.domain, {ANY, *knowledge.domains})}"
        yield file.fault(("domain",), text)
    for index, claim in enumerate(file.rule.claims):
        for text in unknown_claims(claim, knowledge.claims):
            yield file.fault(("claims", index), text)
    for index, source in enumerate(file.rule.sources):
        for text in unknown_claims(source, knowledge.claims):
            yield file.fault(("sources", index), text)
    yield from _parameters(file, words)
    recipes = {key for recipe in knowledge.recipes.values() for key in recipe.values}
    for index, change in enumerate(file.rule.changes):
        if change.recipe is not None and change.recipe not in recipes:
            text = f"recipes.yaml has no {change.recipe}{nearest(change.recipe, recipes)}"
            yield file.fault(("changes", index, "recipe"), text)


def _parameters(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    own = file.document.data.get("params") or {}
    for param in file.rule.params:
        if param.name in own:
            for text in unknown_claims(param.source, words.knowledge.claims):
                yield file.fault(("params", param.name, "source"), text)

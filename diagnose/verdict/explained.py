"""Which rules explain which in one run: as the rules say, and as the facts of this run say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagnose.engine.inference import Firing
from diagnose.rulebase.rule import Rule


def explained(rules: Mapping[str, Rule], firings: Iterable[Firing]) -> Mapping[str, tuple[str, ...]]:
    """Return for each rule, by name, the names of those that it explains."""
    found = {rule.name: rule.explains for rule in rules.values()}
    for firing in firings:
        rule = rules[firing.rule]
        causes = firing.values.get(rule.explained_by or "")
        for name in str(causes.value).split(", ") if causes is not None and causes.known else ():
            if name in found and rule.name not in found[name]:
                found[name] = (*found[name], rule.name)
    return found

"""A rule base, checked and fit to be used: the rules, and the knowledge they rest on."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleBase:
    """Rules in order of stage and id, and what they rest on. `digest` is the sha256 over all files."""

    rules: tuple[Rule, ...]
    knowledge: Knowledge
    digest: str

    @property
    def rules_in_domain(self) -> tuple[Rule, ...]:
        """The rules that are about the domain in which runs are judged."""
        return tuple(rule for rule in self.rules if self.knowledge.domain.concerns(rule.domain))

"""What a condition may name: the declared facts, and the conclusions that some rule derives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from diagnose.core.model import Stage, Trainer
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.registry import FactType, SubjectKind
from diagnose.rulebase.rule import EACH, Rule
from diagnose.rulebase.walk import conditions

_RUN = frozenset({SubjectKind.RUN})

Keys: TypeAlias = "Mapping[Trainer, Mapping[str, frozenset[str]]]"
"""The keys of the config that each trainer's reader asks for, by section."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name's type, and what it may be about."""

    type: FactType
    subjects: frozenset[SubjectKind]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name with what is known of it.

    `complete`: every rule file was readable, so no conclusion is lost. `keys` has each trainer's keys by section, and
    is empty where the rule base comes without trainers.
    """

    knowledge: Knowledge
    entries: Mapping[str, Entry]
    complete: bool
    keys: Keys

    @property
    def experts(self) -> tuple[str, ...]:
        """The names of the experts of every domain."""
        domains = self.knowledge.domains.values()
        return tuple(dict.fromkeys(name for domain in domains for name in domain.expert_names))


def vocabulary(rules: Iterable[Rule], knowledge: Knowledge, keys: Keys, *, complete: bool) -> Vocabulary:
    """Return what the rules of one base may name."""
    entries = {name: Entry(fact.type, frozenset({fact.subject})) for name, fact in knowledge.facts.items()}
    order = list(Stage)
    for rule in sorted(rules, key=lambda rule: order.index(rule.stage)):
        subjects = ranged_over(rule, entries) or _RUN
        for name in rule.derives:
            earlier = entries[name].subjects if name in entries else frozenset()
            entries[name] = Entry(FactType.BOOL, subjects | earlier)
    return Vocabulary(knowledge, entries, complete, keys)


def ranged_over(rule: Rule, entries: Mapping[str, Entry]) -> frozenset[SubjectKind]:
    """The kinds of subject that a rule's `each` stands for; a firing hands its subject to its conclusions."""
    named = (each.condition.fact for each in conditions(rule) if each.condition.subject == EACH)
    return frozenset(kind for fact in named if fact in entries for kind in entries[fact].subjects)

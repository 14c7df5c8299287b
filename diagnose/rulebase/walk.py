"""Walks over rules: the conditions of one with their places and roles, and all that one explains through others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from diagnose.rulebase.faults import KeyPath
from diagnose.rulebase.message import SUBJECT, placeholders
from diagnose.rulebase.rule import AnyOf, ChangeSpec, Condition, Reference, Rule, Shown


class Role(Enum):
    """What a condition does in its rule."""

    APPLIES = "applies"
    WHEN = "when"
    ALTERNATIVE = "any"
    UNLESS = "unless"


BINDING = frozenset({Role.APPLIES, Role.WHEN})
"""The roles whose conditions are bound in every firing, so that messages, grades and references may name them."""


class Placed(NamedTuple):
    """A condition, what it does, and its path in the file."""

    condition: Condition
    role: Role
    path: KeyPath


def conditions(rule: Rule) -> Iterator[Placed]:
    """Yield every condition in the order in which references may look back: applies, when, unless."""
    for index, condition in enumerate(rule.applies):
        yield Placed(condition, Role.APPLIES, ("applies", index))
    for index, clause in enumerate(rule.when):
        if isinstance(clause, AnyOf):
            for inner, condition in enumerate(clause.alternatives):
                yield Placed(condition, Role.ALTERNATIVE, ("when", index, "any", inner))
        else:
            yield Placed(clause, Role.WHEN, ("when", index))
    for index, condition in enumerate(rule.unless):
        yield Placed(condition, Role.UNLESS, ("unless", index))


def bound_conditions(rule: Rule) -> dict[str, Condition]:
    """Return the conditions that every firing binds, by alias."""
    return {condition.alias: condition for condition, role, _ in conditions(rule) if role in BINDING}


def shown_by_alias(rule: Rule) -> dict[str, Shown]:
    """Return what the rule shows under a name of its own; a firing knows it or not."""
    return {each.alias: each for each in rule.show if each.alias is not None}


def named_facts(rule: Rule) -> dict[str, Condition | Shown]:
    """Return everything that texts, grades and changes may name, by alias."""
    return {**bound_conditions(rule), **shown_by_alias(rule)}


def texts(rule: Rule) -> Iterator[tuple[KeyPath, str]]:
    """Yield what a finding and its changes say, each text with its place."""
    yield ("message",), rule.message
    yield ("headline",), rule.headline
    yield from ((("changes", index, "because"), each.because) for index, each in enumerate(rule.changes))


def needed_by(change: ChangeSpec) -> frozenset[str]:
    """Return the aliases without which a change cannot be written: those of its setting and entry, and of the value.

    Raises:
        ValueError: setting or entry is not fit to be read.
    """
    in_key = {placeholder.name for text in (change.setting, change.entry) for placeholder in placeholders(text)}
    return frozenset(in_key - {SUBJECT} | ({change.fact} if change.fact is not None else set()))


def reached(name: str, explains: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the name and every name it explains, directly or through others."""
    found, waiting = {name}, [name]
    while waiting:
        more = set(explains.get(waiting.pop(), ())) - found
        found |= more
        waiting += more
    return frozenset(found)


def needed_values(rule: Rule) -> frozenset[str]:
    """Return the aliases whose values tests and changes need, whatever the texts say.

    Raises:
        ValueError: the setting of a change is not fit to be read.
    """
    operands = [test.operand for condition, _, _ in conditions(rule) for test in condition.tests]
    references = (operand.alias for operand in operands if isinstance(operand, Reference))
    return frozenset(references).union(*map(needed_by, rule.changes))

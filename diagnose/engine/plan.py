"""A rule in the form both matchers read: clauses as alternatives, references resolved, faults found.

No facts are looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Stage
from diagnose.engine.inference import Firing, Key
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Reference, Rule, Shown

Alternatives: TypeAlias = "tuple[Condition, ...]"
"""A clause: at least one of these holds. A plain condition is its own only alternative."""


class Plan(Struct, frozen=True, dict=True):
    """What matching needs of a rule.

    `rule` is its id, `targets` are the conditions that a Reference may name, by alias; the rest is as in `Rule`.
    """

    rule: str
    stage: Stage
    applies: tuple[Condition, ...]
    when: tuple[Alternatives, ...]
    unless: tuple[Condition, ...]
    derives: tuple[str, ...]
    targets: Mapping[str, Condition]
    show: tuple[Shown, ...]

    @cached_property
    def clauses(self) -> tuple[Alternatives, ...]:
        """Everything that must hold, in the order of a firing's evidence."""
        return (*self.when, *((condition,) for condition in self.applies))

    @cached_property
    def positives(self) -> tuple[Condition, ...]:
        """Every condition that may be bound, in the order of a firing's evidence."""
        return tuple(condition for clause in self.clauses for condition in clause)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of the rule."""
        return (*self.positives, *self.unless)

    @cached_property
    def each(self) -> tuple[Condition, ...]:
        """The conditions that range over subjects."""
        return tuple(condition for condition in self.conditions if condition.subject == EACH)

    def firing(self, subject: str, bound: Mapping[str, Fact]) -> Firing:
        """Return the firing for `subject` whose conditions read `bound` (alias to fact)."""
        return Firing(
            rule=self.rule,
            subject=subject,
            bound=tuple((c.alias, bound[c.alias]) for c in self.positives if c.alias in bound),
            absent=tuple(key_of(c, subject) for c in self.unless),
            stage=self.stage,
        )


def key_of(condition: Condition, subject: str) -> Key:
    """Return the fact that `condition` reads when its rule is tried for `subject`."""
    return (condition.fact, subject if condition.subject == EACH else condition.subject)


def references(condition: Condition) -> tuple[Reference, ...]:
    """Return the references among the operands of `condition`."""
    return tuple(test.operand for test in condition.tests if isinstance(test.operand, Reference))


def plan_all(rules: Sequence[Rule]) -> tuple[Plan, ...]:
    """Return the rules' plans in the order they run and are reported: by stage, then by id.

    Raises:
        EngineError: an id or an alias is used twice, or a reference names no condition it may name.
    """
    plans = tuple(map(_plan, sorted(rules, key=lambda rule: (rule.stage.rank, rule.id))))
    _refuse_twice((plan.rule for plan in plans), "rule id")
    return plans


def _plan(rule: Rule) -> Plan:
    plain = (*rule.applies, *(clause for clause in rule.when if isinstance(clause, Condition)), *rule.unless)
    plan = Plan(
        rule=rule.id,
        stage=rule.stage,
        applies=rule.applies,
        when=tuple(clause.alternatives if isinstance(clause, AnyOf) else (clause,) for clause in rule.when),
        unless=rule.unless,
        derives=rule.derives,
        targets={condition.alias: condition for condition in plain},
        show=rule.show,
    )
    _refuse_twice((condition.alias for condition in plan.conditions), f"rule {rule.id}: alias")
    for reference in (ref for condition in plan.conditions for ref in references(condition)):
        if reference.alias not in plan.targets:
            raise EngineError(f"rule {rule.id}: no condition to refer to as {reference.alias!r}")
    return plan


def _refuse_twice(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise EngineError(f"{what} {name!r} is used twice")
        seen.add(name)

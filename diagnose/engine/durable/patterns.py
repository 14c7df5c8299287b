"""One condition as patterns of the C engine: constant tests, then joins, then the test that is always true.

The engine has no safe disjunction, so a condition becomes its disjunctive normal form here. The order within a
pattern, and its last test, keep the engine from reading past its own arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import product
from typing import TypeAlias

from msgspec import Struct

from diagnose.engine.durable.encode import GO, TRIED, Node, as_double, as_text, canonical
from diagnose.rulebase.comparison import ORDERED, is_number
from diagnose.rulebase.rule import EACH, Condition, Op, Reference, Test

GATE: Node = {"g": {"$and": [{"kind": GO}, {"$ex": {"one": 1.0}}]}}
"""First in every rule, asserted last: nothing is joined and no negation decided before every fact is there."""
TRUE: Node = {"$gte": {"one": {"g": "one"}}}
"""Last in every pattern: where the last join can be false, the engine overruns its list of joins."""

SIGNS: Mapping[Op, str] = {Op.LT: "$lt", Op.LE: "$lte", Op.GT: "$gt", Op.GE: "$gte"}
NUMBER: Node = {"type": "number"}
SUBJECT = "i"
"""Alias of the pattern that binds the subject a rule is tried for."""

Targets: TypeAlias = "Mapping[str, str]"
"""The pattern to join for each alias that a Reference names."""


class Branch(Struct, frozen=True):
    """Tests that must all hold: those against constants, and those against earlier patterns."""

    constants: tuple[Node, ...] = ()
    joins: tuple[Node, ...] = ()

    def __add__(self, other: Branch) -> Branch:
        return Branch((*self.constants, *other.constants), (*self.joins, *other.joins))


def pattern(alias: str, kind: str, condition: Condition, branch: Branch) -> Node:
    """Return the pattern of the messages of one kind about a condition's fact that pass `branch`."""
    if condition.subject == EACH:
        subject = Branch(joins=({"subject": {SUBJECT: "subject"}},))
    else:
        subject = Branch(constants=({"subject": as_text(condition.subject)},))
    return _pattern(alias, kind, condition.fact, subject + branch)


def subject_pattern(rule: str) -> Node:
    """Return the pattern that binds the subject a rule is tried for."""
    return _pattern(SUBJECT, TRIED, rule, Branch())


def _pattern(alias: str, kind: str, name: str, branch: Branch) -> Node:
    return {alias: {"$and": [{"kind": kind}, {"name": as_text(name)}, *branch.constants, *branch.joins, TRUE]}}


def branches(condition: Condition, targets: Targets) -> list[Branch]:
    """Return the condition's tests in disjunctive normal form: no branch at all if it can never hold.

    Raises:
        EngineError: a constant is beyond what the engine can hold.
    """
    ways = [_branches(test, targets) for test in condition.tests]
    return [reduce(Branch.__add__, way, Branch()) for way in product(*ways)]


def _branches(test: Test, targets: Targets) -> list[Branch]:
    operand = test.operand
    if isinstance(operand, Reference):
        return _joined(test.op, targets[operand.alias], operand.times)
    if isinstance(operand, tuple):
        return [Branch(({"value": text},)) for text in dict.fromkeys(map(canonical, operand))]
    if test.op in ORDERED:
        return [Branch((NUMBER, {SIGNS[test.op]: {"number": as_double(operand)}}))] if is_number(operand) else []
    equal: Node = {"value": canonical(operand)}
    return [Branch(({"$neq": equal} if test.op is Op.IS_NOT else equal,))]


def _joined(op: Op, target: str, times: float) -> list[Branch]:
    number: Node = {target: "number"}
    if times != 1:
        number = {"$mul": {"$l": number, "$r": as_double(times)}}
    elif op not in ORDERED:
        equal: Node = {"value": {target: "value"}}
        return [Branch(joins=({"$neq": equal} if op is Op.IS_NOT else equal,))]
    same_type: Node = {"type": {target: "type"}}

    def numbers(*signs: str) -> Branch:
        comparisons: tuple[Node, ...] = tuple({sign: {"number": number}} for sign in signs)
        return Branch((NUMBER,), (same_type, *comparisons))

    if op in ORDERED:
        return [numbers(SIGNS[op])]
    if op is not Op.IS_NOT:  # the engine's own equality of products compares their printed forms
        return [numbers("$gte", "$lte")]
    no_number, no_product = Branch(({"$neq": NUMBER},)), Branch(joins=({"$neq": same_type},))
    return [numbers("$lt"), numbers("$gt"), no_number, no_product]

"""A rule with one part dropped or one limit moved: where no case notices, the part is not shown to be needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec.structs import replace

from diagnose.rulebase.faults import KeyPath, dotted
from diagnose.rulebase.message import placeholders
from diagnose.rulebase.rule import AnyOf, Clause, Condition, Op, Rule
from diagnose.rulebase.walk import BINDING, conditions, needed_values

T = TypeVar("T")

_OTHER_SIDE = {Op.LT: Op.LE, Op.LE: Op.LT, Op.GT: Op.GE, Op.GE: Op.GT}


def mutants(rule: Rule) -> Iterator[tuple[KeyPath, Rule]]:
    """Yield the place of each condition, alternative, second test and shown fact, and the rule without it.

    What is required loses its tests and goes on asking for a value: dropped whole, any case with the value unknown
    would notice, whatever the tests are. Without tests it is dropped, unless something needs its value.
    """
    needed = needed_values(rule) | {placeholder.name for placeholder in placeholders(rule.message)}
    for placed in conditions(rule):
        condition, path = placed.condition, placed.path
        if placed.role not in BINDING:
            yield path, _with(rule, path, None)
        elif condition.tests:
            yield path, _with(rule, path, replace(condition, tests=()))
        elif condition.alias not in needed:
            yield path, _with(rule, path, None)
        if len(condition.tests) > 1:
            for test in condition.tests:
                rest = tuple(other for other in condition.tests if other is not test)
                yield (*path, test.op.value), _with(rule, path, replace(condition, tests=rest))
    any_of = [("when", index) for index, clause in enumerate(rule.when) if isinstance(clause, AnyOf)]
    yield from ((path, _with(rule, path, None)) for path in any_of)
    yield from _less_shown(rule)


def _less_shown(rule: Rule) -> Iterator[tuple[KeyPath, Rule]]:
    """Drop what the message or a grade names; no case sees the words of a change."""
    told = {placeholder.name for placeholder in placeholders(rule.message)} | {grade.alias for grade in rule.grades}
    for index, each in enumerate(rule.show):
        if each.alias in told:
            yield ("show", index), replace(rule, show=_exchanged(rule.show, index, None))


def moved_limits(rule: Rule) -> Iterator[tuple[KeyPath, Rule]]:
    """Yield the place of each ordered comparison, and the rule with its limit on the other side: < for <=, > for >=.

    Where no case notices, none shows what the rule does exactly at the limit.
    """
    for placed in conditions(rule):
        for index, test in enumerate(placed.condition.tests):
            if test.op in _OTHER_SIDE:
                tests = _exchanged(placed.condition.tests, index, replace(test, op=_OTHER_SIDE[test.op]))
                moved = replace(placed.condition, tests=tests)
                yield (*placed.path, test.op.value), _with(rule, placed.path, moved)
    for index, grade in enumerate(rule.grades):
        if grade.test.op in _OTHER_SIDE:
            shifted = replace(grade, test=replace(grade.test, op=_OTHER_SIDE[grade.test.op]))
            yield ("grades", index, grade.test.op.value), replace(rule, grades=_exchanged(rule.grades, index, shifted))


def _with(rule: Rule, path: KeyPath, condition: Condition | None) -> Rule:
    """The rule with the condition at `path` replaced, or dropped where there is no other."""
    match path:
        case ("applies", int(index)):
            return replace(rule, applies=_exchanged(rule.applies, index, condition))
        case ("unless", int(index)):
            return replace(rule, unless=_exchanged(rule.unless, index, condition))
        case ("when", int(index), "any", int(inner)):
            clause = rule.when[index]
            alternatives = clause.alternatives if isinstance(clause, AnyOf) else ()
            changed: Clause | None = AnyOf(_exchanged(alternatives, inner, condition))
        case ("when", int(index)):
            changed = condition
        case _:
            raise ValueError(f"no condition stands at {dotted(path)}")
    return replace(rule, when=_exchanged(rule.when, index, changed))


def _exchanged(items: tuple[T, ...], index: int, item: T | None) -> tuple[T, ...]:
    return (*items[:index], *(() if item is None else (item,)), *items[index + 1 :])

"""When a condition holds: the one home of the three-valued logic, for both matchers.

Truth is Kleene's: true, false, or unknown (None).

* A *condition* is unknown if its fact, or a fact that a Reference of it names, is unknown or was never produced.
  Otherwise it is true if every test passes. Without tests it is true: the fact has a value.
* IS compares text, numbers and truth values. An int and a float are the same number; a truth value is never
  equal to a number, and values of different kinds are never equal. IS_NOT is the opposite of IS.
* IN holds if IS holds for a member. LT, LE, GT and GE hold between numbers only.
* A *Reference* stands for the other condition's value, times its constant. A product is a double; what is not a
  number has no product, and nothing is equal to that or comparable with it.
* A *clause* with several alternatives is true if one is, else unknown if one is, else false.
* A *conclusion* of an earlier stage is true where a rule derived it; unknown where none did and one that could
  have was not evaluated; else false. A condition without tests on a conclusion asks whether it is true.
* A *rule* tried for one subject: an `applies` known to fail puts it out of range; else a clause of `when` known
  to fail or an `unless` known to hold makes it silent; else anything unknown is a gap; else it fires.
* A rule with EACH is tried for every subject for which one of its EACH facts exists, known or not. If there is
  none, it is a gap. A rule without EACH is tried once, for "run".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import TypeGuard

from diagnose.engine.inference import Key
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Alternatives, Plan, key_of, references
from diagnose.model import Fact, Scalar
from diagnose.rulebase.rule import Condition, Op, Reference, Test

ORDERED: Mapping[Op, Callable[[float, float], bool]] = {Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge}


@dataclass(frozen=True, slots=True)
class Weighed:
    """The truth of a clause, what makes it true by alias, and which facts it lacks if it is unknown."""

    truth: bool | None
    bound: Mapping[str, Fact]
    missing: tuple[Key, ...]


def weigh(clause: Alternatives, plan: Plan, subject: str, memory: Memory) -> Weighed:
    """Return the truth of one clause of `plan`, tried for `subject`."""
    weighed = [_weigh(condition, plan, subject, memory) for condition in clause]
    if any(one.truth for one in weighed):
        return Weighed(truth=True, bound={a: f for one in weighed for a, f in one.bound.items()}, missing=())
    missing = tuple(key for one in weighed for key in one.missing)
    return Weighed(truth=None if missing else False, bound={}, missing=missing)


def _weigh(condition: Condition, plan: Plan, subject: str, memory: Memory) -> Weighed:
    key = key_of(condition, subject)
    targets = {ref.alias: key_of(plan.targets[ref.alias], subject) for ref in references(condition)}
    read = {key: memory.read(key) for key in (key, *targets.values())}
    known = {key: fact for key, fact in read.items() if fact is not None}
    if len(known) < len(read):
        return Weighed(truth=None, bound={}, missing=tuple(key for key in read if key not in known))
    values = {alias: known[target].value for alias, target in targets.items()}
    truth = all(passes(test, known[key].value, values) for test in condition.tests)
    return Weighed(truth=truth, bound={condition.alias: known[key]} if truth else {}, missing=())


def passes(test: Test, value: Scalar | None, values: Mapping[str, Scalar | None]) -> bool:
    """Whether `value` passes one test; `values` has what the test's Reference may name, by alias."""
    operand = test.operand
    if isinstance(operand, tuple):
        return any(same(value, member) for member in operand)
    other = scaled(values[operand.alias], operand.times) if isinstance(operand, Reference) else operand
    if test.op in ORDERED:
        return is_number(value) and is_number(other) and ORDERED[test.op](value, other)
    return same(value, other) is (test.op is not Op.IS_NOT)


def same(left: Scalar | None, right: Scalar | None) -> bool:
    """Whether two values are equal: as numbers, as text, or as truth values."""
    return left is not None and left == right and isinstance(left, bool) is isinstance(right, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; a truth value is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def scaled(value: Scalar | None, times: float) -> Scalar | None:
    """Return `value` times a constant; None for a product of what is not a number."""
    if times == 1:
        return value
    if not is_number(value):
        return None
    try:
        return float(value) * times
    except OverflowError:  # an int beyond the doubles
        return (math.inf if value > 0 else -math.inf) * times

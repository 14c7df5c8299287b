"""When a condition holds: the one home of the three-valued logic, to which the C engine is held.

Truth is Kleene's: true, false, or unknown (None).

* A *condition* is unknown if its fact is unknown or missing, or a fact that a Reference of it names. Otherwise it is
  true if every test passes. Without tests it is true: the fact has a value.
* IS compares text, numbers and truth values. An int and a float can be the same number; a truth value is never equal
  to a number, and values of different kinds are never equal. IS_NOT is the opposite of IS.
* IN holds if IS holds for a member. LT, LE, GT and GE hold between numbers only.
* A *Reference* stands for the other condition's value times its constant. The product is a double. What is not a
  number has no product, and nothing equals a missing product or compares with it.
* A *clause* with several alternatives is true if one is, else unknown if one is, else false.
* A *conclusion* of an earlier stage is true where a rule derived it. It is unknown where none did, but one that could
  have was not evaluated. Otherwise it is false. A condition without tests asks whether it is true.
* A *rule* is tried for one subject. If an `applies` is known to fail, it is out of range. Else, if a clause of `when`
  is known to fail or an `unless` is known to hold, it is silent. Else, if anything is unknown, it is a gap. Else it
  fires.
* A rule without EACH is tried once, for "run".
* A rule with EACH is tried for every subject that one of its EACH facts exists for, known or not.
* There may be subjects that no fact names: where none of its EACH facts exists, or where a conclusion that it asks of
  each was left open for all subjects and no fact of the run names them. The rule is tried for these too, all at once:
  a condition can still make it silent or put it out of range, and otherwise it is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Fact, Scalar
from diagnose.engine.inference import Key
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Alternatives, Plan, key_of, references
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.rule import Condition


class Weighed(Struct, frozen=True):
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
    fact = memory.read(key)
    missing = [key] if fact is None else []
    values: dict[str, Scalar | None] = {}
    for reference in references(condition):
        target = key_of(plan.targets[reference.alias], subject)
        named = memory.read(target)
        if named is None:
            missing.append(target)
        else:
            values[reference.alias] = named.value
    if fact is None or missing:
        return Weighed(None, {}, tuple(dict.fromkeys(missing)))
    truth = all(passes(test, fact.value, values) for test in condition.tests)
    return Weighed(truth, {condition.alias: fact} if truth else {}, ())

"""The plain-Python matcher: every rule tried for every subject, by the three-valued logic that has its one home here.

It is the reference the C engine is held to, and what answers where the C engine cannot run.

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
  have was not evaluated. Otherwise it is false.
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

from collections.abc import Mapping, Sequence

from msgspec import Struct

from diagnose.core.values import RUN, Fact, Scalar
from diagnose.engine.inference import Firing, Gap, Key, OutOfRange
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Alternatives, Plan, key_of, references
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.rule import EACH, Condition


class Verdicts(Struct):
    """What became of each rule of a stage, in the order of rules and subjects."""

    firings: list[Firing] = []
    gaps: list[Gap] = []
    out_of_range: list[OutOfRange] = []
    silent: list[tuple[str, str]] = []


def match(plans: Sequence[Plan], memory: Memory) -> Verdicts:
    """Try every rule of one stage for every subject it ranges over."""
    verdicts = Verdicts()
    for plan in plans:
        for subject in _tried_for(plan, memory):
            _try(plan, subject, memory, verdicts)
    return verdicts


def _tried_for(plan: Plan, memory: Memory) -> tuple[str, ...]:
    """The subjects, and last EACH for those that nobody named, where there may be any.

    A fact of the run names all there are; a conclusion that is open for every subject may hold for others yet.
    """
    subjects = subjects_of(plan, memory)
    asked = {condition.fact for condition in plan.each}
    named = any(memory.subjects(name) for name in asked if not memory.is_settled(name))
    if not subjects or (not named and any(map(memory.is_open, asked))):
        return (*subjects, EACH)
    return subjects


def subjects_of(plan: Plan, memory: Memory) -> tuple[str, ...]:
    """Return the subjects a rule may fire for; none if it has EACH conditions and no fact for any of them."""
    if not plan.each:
        return (RUN,)
    return tuple(sorted({subject for condition in plan.each for subject in memory.subjects(condition.fact)}))


def _try(plan: Plan, subject: str, memory: Memory, verdicts: Verdicts) -> None:
    applies = [weigh((condition,), plan, subject, memory) for condition in plan.applies]
    for condition, weighed in zip(plan.applies, applies, strict=True):
        fact = memory.read(key_of(condition, subject))
        if weighed.truth is False and fact is not None:
            verdicts.out_of_range.append(OutOfRange(plan.rule, subject, condition, fact))
            return
    when = [weigh(clause, plan, subject, memory) for clause in plan.when]
    unless = [weigh((condition,), plan, subject, memory) for condition in plan.unless]
    if any(one.truth is False for one in when) or any(one.truth for one in unless):
        verdicts.silent.append((plan.rule, subject))
        return
    nobody = plan.each if subject == EACH else ()
    lacked = (key for one in (*applies, *when, *unless) for key in one.missing)
    missing = tuple(dict.fromkeys((*lacked, *((condition.fact, EACH) for condition in nobody))))
    if missing:
        verdicts.gaps.append(Gap(plan.rule, subject, missing))
        return
    bound = {alias: fact for one in (*when, *applies) for alias, fact in one.bound.items()}
    verdicts.firings.append(plan.firing(subject, bound))


class Weighed(Struct, frozen=True):
    """The truth of a clause, what makes it true by alias, and which facts it lacks if it is unknown."""

    truth: bool | None
    bound: Mapping[str, Fact]
    missing: tuple[Key, ...]


def weigh(clause: Alternatives, plan: Plan, subject: str, memory: Memory) -> Weighed:
    """Return the truth of one clause of `plan`, tried for `subject`."""
    weighed = [_weigh(condition, plan, subject, memory) for condition in clause]
    if len(weighed) == 1:
        return weighed[0]
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

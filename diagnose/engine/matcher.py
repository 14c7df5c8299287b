"""The plain-Python matcher: every rule tried for every subject, by the logic of `diagnose.engine.truth`.

It is the reference the C engine is held to, and what answers where the C engine cannot run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from diagnose.core.values import RUN
from diagnose.engine.inference import Firing, Gap, Key, OutOfRange
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan, key_of
from diagnose.engine.truth import weigh
from diagnose.rulebase.rule import EACH


class Verdicts(Struct):
    """What became of each rule of a stage, in the order of rules and subjects."""

    firings: list[Firing] = []
    gaps: list[Gap] = []
    out_of_range: list[OutOfRange] = []
    silent: list[tuple[str, str]] = []

    def extend(self, later: Verdicts) -> None:
        """Add the verdicts of the next stage."""
        self.firings += later.firings
        self.gaps += later.gaps
        self.out_of_range += later.out_of_range
        self.silent += later.silent


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
    missing = _unique(
        (*(key for one in (*applies, *when, *unless) for key in one.missing), *((c.fact, EACH) for c in nobody))
    )
    if missing:
        verdicts.gaps.append(Gap(plan.rule, subject, missing))
        return
    bound = {alias: fact for one in (*when, *applies) for alias, fact in one.bound.items()}
    verdicts.firings.append(plan.firing(subject, bound))


def _unique(keys: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(keys))

"""The plain-Python matcher: every rule tried for every subject, by the logic of `diagnose.engine.truth`.

It is the reference the C engine is held to, and what answers where the C engine cannot run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from diagnose.engine.inference import Firing, Gap, Key, OutOfRange
from diagnose.engine.memory import Memory
from diagnose.engine.plan import Plan, key_of
from diagnose.engine.truth import weigh
from diagnose.model import RUN
from diagnose.rulebase.rule import EACH


@dataclass(slots=True)
class Verdicts:
    """What became of each rule of a stage, in the order of rules and subjects."""

    firings: list[Firing] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    out_of_range: list[OutOfRange] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)

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
        for subject in subjects_of(plan, memory) or (EACH,):
            _try(plan, subject, memory, verdicts)
    return verdicts


def subjects_of(plan: Plan, memory: Memory) -> tuple[str, ...]:
    """Return the subjects a rule is tried for; none if it has EACH conditions and no fact for any of them."""
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

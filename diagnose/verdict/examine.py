"""Why, or why not: one rule held against the facts of one run, condition by condition, down to the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Fact, Place, Scalar
from diagnose.engine.inference import Inference
from diagnose.rulebase.comparison import ORDERED, is_number, passes, scaled
from diagnose.rulebase.fact_declarations import is_conclusion
from diagnose.rulebase.rule import EACH, Condition, Reference, Rule, Test
from diagnose.rulebase.walk import Role, conditions


class Outcome(str, Enum):
    """What became of a rule for one subject."""

    FIRED = "fired"
    SILENT = "stayed silent"
    GAP = "was not evaluated"
    OUT_OF_RANGE = "is outside its validity"


class Distance(Struct, frozen=True):
    """How far a number is from its limit: value minus limit, and its size as a share of the limit, None for 0."""

    gap: float
    share: float | None


class Asked(Struct, frozen=True):
    """One test of a condition with what its operand stands for in this run, None where that is unknown."""

    test: Test
    limit: Scalar | tuple[Scalar, ...] | None
    distance: Distance | None


class ConditionState(Struct, frozen=True):
    """One condition: what it reads, what it asks, and how it stands.

    Attributes:
        met: as the rule asks (under `unless`: known not to hold); None: unknown.
        reads: the fact, None where the run has none of this name and subject.
        behind: for a conclusion, the rules that drew it, or that could have.
        group: which `any` of the rule it is an alternative of.
    """

    role: Role
    fact: str
    subject: str
    asked: tuple[Asked, ...]
    met: bool | None
    reads: Fact | None
    behind: tuple[Examined, ...]
    group: int | None

    @property
    def value(self) -> Scalar | None:
        """The fact's value; None where it is unknown."""
        return self.reads.value if self.reads is not None else None

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the value was read."""
        return self.reads.places if self.reads is not None else ()


class Examined(Struct, frozen=True):
    """A rule tried for one subject."""

    rule: Rule
    subject: str
    outcome: Outcome
    conditions: tuple[ConditionState, ...]


class Grounds:
    """What a condition can read: the run's facts, what was concluded, and what was left open."""

    def __init__(self, rules: Iterable[Rule], facts: Iterable[Fact], inference: Inference) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.inference = inference
        self._facts = {fact.key: fact for fact in (*facts, *inference.conclusions)}
        self._left_open = {fact.key: fact for fact in inference.left_open}

    def read(self, condition: Condition, subject: str) -> Fact | None:
        """Return the fact, None where there is none. A conclusion that nobody drew or left open is false."""
        name, whom = condition.fact, about(condition, subject)
        fact = self._facts.get((name, whom))
        if fact is not None or not is_conclusion(name):
            return fact
        left_open = self._left_open.get((name, whom)) or self._left_open.get((name, EACH))
        return replace(left_open, subject=whom) if left_open else Fact(name, whom, value=False)

    def subjects(self, name: str) -> tuple[str, ...]:
        """Return the subjects of which there is such a fact, known or not."""
        return tuple(sorted(subject for fact, subject in self._facts if fact == name))

    def named(self, name: str) -> tuple[Fact, ...]:
        """Return the facts of this name, one for each subject."""
        return tuple(self._facts[name, subject] for subject in self.subjects(name))

    def behind(self, conclusion: str) -> tuple[Rule, ...]:
        """Return the rules that can draw a conclusion."""
        return tuple(rule for rule in self.rules.values() if conclusion in rule.derives)


def about(condition: Condition, subject: str) -> str:
    """Return whom a condition is about in a rule that is tried for `subject`."""
    return subject if condition.subject == EACH else condition.subject


def examine(rule: Rule, grounds: Grounds) -> tuple[Examined, ...]:
    """Return how the rule stands for every subject it was tried for, with the proof of every conclusion it reads."""
    ran = grounds.inference
    outcomes = (
        *((each.subject, Outcome.FIRED) for each in ran.firings if each.rule == rule.id),
        *((subject, Outcome.SILENT) for id_, subject in ran.silent if id_ == rule.id),
        *((each.subject, Outcome.GAP) for each in ran.gaps if each.rule == rule.id),
        *((each.subject, Outcome.OUT_OF_RANGE) for each in ran.out_of_range if each.rule == rule.id),
    )
    return tuple(Examined(rule, subject, found, tuple(_states(rule, subject, grounds))) for subject, found in outcomes)


def _states(rule: Rule, subject: str, grounds: Grounds) -> Iterator[ConditionState]:
    placed = list(conditions(rule))
    read = {each.condition.alias: grounds.read(each.condition, subject) for each in placed}
    values = {alias: fact.value for alias, fact in read.items() if fact is not None and fact.known}
    for each in placed:
        condition, fact = each.condition, read[each.condition.alias]
        asked = tuple(_asked(test, values.get(condition.alias), values) for test in condition.tests)
        holds = None
        if condition.alias in values and not any(_lost(test, values) for test in condition.tests):
            holds = all(passes(test, values[condition.alias], values) for test in condition.tests)
        met = not holds if each.role is Role.UNLESS and holds is not None else holds
        behind: list[Examined] = []
        if is_conclusion(condition.fact):
            behind = [tried for rule in grounds.behind(condition.fact) for tried in examine(rule, grounds)]
        if fact is not None and fact.value is True:  # the rules that drew it; else all that could have
            behind = [tried for tried in behind if tried.outcome is Outcome.FIRED and tried.subject == fact.subject]
        group = int(each.path[1]) if each.role is Role.ALTERNATIVE else None
        who = about(condition, subject)
        yield ConditionState(each.role, condition.fact, who, asked, met, fact, tuple(behind), group)


def _lost(test: Test, values: Mapping[str, Scalar | None]) -> bool:
    return isinstance(test.operand, Reference) and test.operand.alias not in values


def _asked(test: Test, value: Scalar | None, values: Mapping[str, Scalar | None]) -> Asked:
    limit: Scalar | tuple[Scalar, ...] | None
    if isinstance(test.operand, Reference):
        limit = None if _lost(test, values) else scaled(values[test.operand.alias], test.operand.times)
    else:
        limit = test.operand
    distance = None
    if test.op in ORDERED and is_number(value) and is_number(limit):
        gap = float(value) - float(limit)
        distance = Distance(gap, abs(gap / limit) if limit else None)
    return Asked(test, limit, distance)

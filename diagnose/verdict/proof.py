"""Why, or why not: one rule held against the facts of one run, condition by condition, with the distance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from diagnose.engine.inference import Inference
from diagnose.model import Fact, Scalar
from diagnose.rulebase.comparison import passes
from diagnose.rulebase.message import format_value
from diagnose.rulebase.registry import is_conclusion
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Reference, Rule, Test

_WORDS = {Op.IS: "is", Op.IS_NOT: "is not", Op.IN: "is one of", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


class Outcome(str, Enum):
    """What became of a rule for one subject."""

    FIRED = "fired"
    SILENT = "stayed silent"
    GAP = "was not evaluated"
    OUT_OF_RANGE = "is outside its validity"


@dataclass(frozen=True, slots=True)
class ConditionState:
    """One condition: what it reads, what it asks, and how it stands. `holds` None: unknown.

    `role` is "when", "any of", "unless" or "applies". `distance` says in words how far a number is from its limit.
    """

    role: str
    fact: str
    subject: str
    asks: str
    value: Scalar | None
    holds: bool | None
    distance: str
    note: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A rule tried for one subject."""

    subject: str
    outcome: Outcome
    conditions: tuple[ConditionState, ...]


class Grounds:
    """What a condition can read: the run's facts, what was concluded, and what was left open."""

    def __init__(self, rules: Iterable[Rule], facts: Iterable[Fact], inference: Inference) -> None:
        self._facts = {fact.key: fact for fact in (*facts, *inference.conclusions)}
        lacking = {gap.rule for gap in inference.gaps}
        self._open = {name for rule in rules if rule.id in lacking for name in rule.derives}

    def read(self, condition: Condition, subject: str) -> Fact | None:
        """Return the fact, None where there is none. A conclusion that nobody drew or left open is false."""
        key = (condition.fact, subject if condition.subject == EACH else condition.subject)
        fact = self._facts.get(key)
        if fact is None and is_conclusion(condition.fact) and condition.fact not in self._open:
            return Fact(*key, value=False)
        return fact

    def subjects(self, name: str) -> tuple[str, ...]:
        """Return the subjects of which there is such a fact, known or not."""
        return tuple(sorted(subject for fact, subject in self._facts if fact == name))


def examine(rule: Rule, grounds: Grounds, inference: Inference) -> tuple[Examined, ...]:
    """Return how the rule stands for every subject it was tried for."""
    return tuple(
        Examined(subject, outcome, tuple(_states(rule, subject, grounds)))
        for subject, outcome in _outcomes(rule, inference)
    )


def _outcomes(rule: Rule, inference: Inference) -> Iterator[tuple[str, Outcome]]:
    for firing in inference.firings:
        if firing.rule == rule.id:
            yield firing.subject, Outcome.FIRED
    for id_, subject in inference.silent:
        if id_ == rule.id:
            yield subject, Outcome.SILENT
    for gap in inference.gaps:
        if gap.rule == rule.id:
            yield gap.subject, Outcome.GAP
    for out in inference.out_of_range:
        if out.rule == rule.id:
            yield out.subject, Outcome.OUT_OF_RANGE


def _states(rule: Rule, subject: str, grounds: Grounds) -> Iterator[ConditionState]:
    roles: list[tuple[str, Condition]] = [("applies", condition) for condition in rule.applies]
    for clause in rule.when:
        if isinstance(clause, AnyOf):
            roles += [("any of", condition) for condition in clause.alternatives]
        else:
            roles.append(("when", clause))
    roles += [("unless", condition) for condition in rule.unless]
    read = {condition.alias: grounds.read(condition, subject) for _, condition in roles}
    values = {alias: fact for alias, fact in read.items() if fact is not None}
    for role, condition in roles:
        yield _state(role, condition, subject, values)


def _state(role: str, condition: Condition, subject: str, values: Mapping[str, Fact]) -> ConditionState:
    fact = values.get(condition.alias)
    about = subject if condition.subject == EACH else condition.subject
    asks = " and ".join(_asks(test, values) for test in condition.tests) or "is known"
    if fact is None or not fact.known:
        return ConditionState(role, condition.fact, about, asks, None, None, "", fact.note if fact else "")
    known = {alias: each.value for alias, each in values.items()}
    if any(isinstance(t.operand, Reference) and known.get(t.operand.alias) is None for t in condition.tests):
        return ConditionState(role, condition.fact, about, asks, fact.value, None, "", fact.note)
    holds = all(passes(test, fact.value, known) for test in condition.tests)
    distance = "; ".join(filter(None, (_distance(test, fact.value, known) for test in condition.tests)))
    return ConditionState(role, condition.fact, about, asks, fact.value, holds, distance, fact.note)


def _limit(test: Test, values: Mapping[str, Scalar | None]) -> Scalar | None:
    if isinstance(test.operand, tuple):
        return None
    if not isinstance(test.operand, Reference):
        return test.operand
    value = values.get(test.operand.alias)
    return value * test.operand.times if isinstance(value, int | float) and not isinstance(value, bool) else value


def _asks(test: Test, values: Mapping[str, Fact]) -> str:
    if isinstance(test.operand, tuple):
        return f"{_WORDS[test.op]} {', '.join(format_value(member) for member in test.operand)}"
    limit = _limit(test, {alias: fact.value for alias, fact in values.items()})
    source = f" ({test.param})" if test.param else ""
    if isinstance(test.operand, Reference):
        source = f" ({test.operand.alias}{f' x {test.operand.times:g}' if test.operand.times != 1 else ''})"
    return f"{_WORDS[test.op]} {format_value(limit)}{source}"


def _distance(test: Test, value: Scalar | None, values: Mapping[str, Scalar | None]) -> str:
    limit = _limit(test, values)
    numbers = [n for n in (value, limit) if isinstance(n, int | float) and not isinstance(n, bool)]
    if test.op not in {Op.LT, Op.LE, Op.GT, Op.GE} or len(numbers) != 2:  # noqa: PLR2004 - a value and its limit
        return ""
    gap = float(numbers[0]) - float(numbers[1])
    return (
        "exactly at the limit" if gap == 0 else f"{format_value(abs(gap))} {'above' if gap > 0 else 'below'} the limit"
    )

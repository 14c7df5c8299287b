"""Rules cut down to what the engine reads, where the C engine can run, and a naive reading of the rules.

The naive reading is deliberately slow and plain, and shares no code with the package's two matchers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any, TypeAlias

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace
from sound_base import base, change, file_of, read

from diagnose.core.values import Fact, Place, Quality, Stage
from diagnose.engine.inference import Firing, Gap, Inference, OutOfRange
from diagnose.rulebase.rule import EACH, AnyOf, Clause, Condition, Op, Reference, Rule, Test

__all__ = ["base", "change", "file_of", "read"]

MakeRule: TypeAlias = "Callable[..., Rule]"


def _make_rule(
    name: str,
    *,
    stage: Stage = Stage.SYMPTOM,
    applies: tuple[Condition, ...] = (),
    when: tuple[Clause, ...] = (),
    unless: tuple[Condition, ...] = (),
    derives: tuple[str, ...] = (),
) -> Rule:
    return replace(
        BLANK_RULE, id=name, name=name, stage=stage, applies=applies, when=when, unless=unless, derives=derives
    )


@pytest.fixture(scope="session")
def make_rule() -> MakeRule:
    return _make_rule


@pytest.fixture(scope="session")
def c_engine() -> None:
    """Skip the test where the C engine cannot run."""
    if sys.version_info >= (3, 13) or find_spec("durable_rules_engine") is None:
        pytest.skip("durable-rules 2.0.28 is not usable here")


@pytest.fixture(scope="session")
def naive() -> Callable[[Sequence[Rule], Sequence[Fact]], Inference]:
    return lambda rules, facts: Naive(rules, facts).out


class Naive:
    def __init__(self, rules: Sequence[Rule], facts: Sequence[Fact]) -> None:
        self.facts = {(fact.name, fact.subject): fact for fact in facts}
        self.done: set[str] = set()
        self.out = Inference((), (), (), (), (), ())
        for stage in Stage:
            due = sorted((rule for rule in rules if rule.stage is stage), key=lambda rule: rule.id)
            self.run_stage(due)

    def run_stage(self, due: list[Rule]) -> None:
        before = self.out
        for rule in due:
            for subject in self.subjects(rule):
                self.run_rule(rule, subject)
        derives = {rule.id: rule.derives for rule in due}
        true: dict[tuple[str, str], list[Place]] = {}
        for firing in self.out.firings[len(before.firings) :]:
            for name in derives[firing.rule]:
                places = true.setdefault((name, firing.subject), [])
                places += [place for _, fact in firing.bound for place in fact.places]
        maybe: dict[tuple[str, str], str] = {}
        for gap in self.out.gaps[len(before.gaps) :]:
            lacks = ", ".join(f"{name} ({subject})" for name, subject in gap.missing)
            for name in derives[gap.rule]:
                maybe.setdefault((name, gap.subject), f"rule {gap.rule} was not evaluated; it lacks {lacks}")
        never = [*self.out.silent[len(before.silent) :]]
        never += [(out.rule, out.subject) for out in self.out.out_of_range[len(before.out_of_range) :]]
        false = [(name, subject) for rule_id, subject in never for name in derives[rule_id]]
        for name, subject in dict.fromkeys((*true, *maybe, *false)):
            self.settle(name, subject, true.get((name, subject)), maybe.get((name, subject)))
        listed = {fact.key for fact in self.out.conclusions}
        new = tuple(self.facts[key] for key in true if key not in listed)
        self.out = replace(self.out, conclusions=self.out.conclusions + new)
        self.done |= {name for rule in due for name in rule.derives}
        unsure = (fact for fact in self.facts.values() if fact.name in self.done and not fact.known)
        self.out = replace(self.out, left_open=tuple(unsure))

    def settle(self, name: str, subject: str, places: list[Place] | None, note: str | None) -> None:
        earlier = self.facts.get((name, subject))
        if earlier is not None and earlier.value is True:
            return
        if places is not None:
            self.facts[name, subject] = Fact(name, subject, value=True, places=tuple(dict.fromkeys(places))[:8])
        elif earlier is None or (earlier.known and note is not None):
            quality = Quality.EXACT if note is None else Quality.UNKNOWN
            value = False if note is None else None
            self.facts[name, subject] = Fact(name, subject, value, quality=quality, note=note or "")

    def subjects(self, rule: Rule) -> list[str]:
        names = [condition.fact for condition in everything(rule) if condition.subject == EACH]
        if not names:
            return ["run"]
        found = sorted({subject for name, subject in self.facts if name in names} - {EACH})
        listed = any(name in names and name not in self.done for name, _ in self.facts)
        return found if found and (listed or not any(map(self.open_for_all, names))) else [*found, EACH]

    def open_for_all(self, name: str) -> bool:
        return (name, EACH) in self.facts and not self.facts[name, EACH].known

    def value(self, name: str, subject: str) -> Fact | None:
        fact = self.facts.get((name, subject))
        if name in self.done and (fact is None or fact.value is False):
            return None if self.open_for_all(name) else Fact(name, subject, value=False)
        return fact if fact is not None and fact.known else None

    def run_rule(self, rule: Rule, subject: str) -> None:
        self.targets = {c.alias: c for c in everything(rule) if c not in in_alternatives(rule)}
        applies = [(c, self.truth(c, subject)) for c in rule.applies]
        for condition, truth in applies:
            if truth is False:
                fact = self.value(condition.fact, whom(condition, subject))
                assert fact is not None
                gone = OutOfRange(rule.id, subject, condition, fact)
                self.out = replace(self.out, out_of_range=(*self.out.out_of_range, gone))
                return
        when = [(ways(clause), self.either(clause, subject)) for clause in rule.when]
        unless = [(c, self.truth(c, subject)) for c in rule.unless]
        if any(truth is False for _, truth in when) or any(truth for _, truth in unless):
            self.out = replace(self.out, silent=(*self.out.silent, (rule.id, subject)))
            return
        unknown = [c for some, truth in when if truth is None for c in some]
        unknown = [c for c, truth in applies if truth is None] + unknown + [c for c, truth in unless if truth is None]
        missing = dict.fromkeys(key for c in unknown for key in self.reads(c, subject) if self.value(*key) is None)
        if subject == EACH:  # nobody to try it for: it cannot fire, whatever holds of the run
            missing |= dict.fromkeys((name, EACH) for name in in_order(rule))
        if missing:
            self.out = replace(self.out, gaps=(*self.out.gaps, Gap(rule.id, subject, tuple(missing))))
            return
        holding = [c for some, _ in when for c in some if self.truth(c, subject)] + list(rule.applies)
        bound = tuple((c.alias, self.value(c.fact, whom(c, subject))) for c in holding)
        absent = tuple((c.fact, whom(c, subject)) for c in rule.unless)
        firing = Firing(rule.id, subject, bound, absent, rule.stage)  # type: ignore[arg-type]
        self.out = replace(self.out, firings=(*self.out.firings, firing))

    def reads(self, condition: Condition, subject: str) -> Iterator[tuple[str, str]]:
        yield condition.fact, whom(condition, subject)
        for test in condition.tests:
            if isinstance(test.operand, Reference):
                target = self.targets[test.operand.alias]
                yield target.fact, whom(target, subject)

    def either(self, clause: Clause, subject: str) -> bool | None:
        truths = [self.truth(condition, subject) for condition in ways(clause)]
        if True in truths:
            return True
        return None if None in truths else False

    def truth(self, condition: Condition, subject: str) -> bool | None:
        if any(self.value(*key) is None for key in self.reads(condition, subject)):
            return None
        fact = self.value(condition.fact, whom(condition, subject))
        assert fact is not None
        return all(self.holds(test, fact.value, subject) for test in condition.tests)

    def holds(self, test: Test, own: object, subject: str) -> bool:
        value: Any = own
        other: Any = test.operand
        if isinstance(other, tuple):
            return any(equal(value, member) for member in other)
        if isinstance(other, Reference):
            target = self.targets[other.alias]
            fact = self.value(target.fact, whom(target, subject))
            assert fact is not None
            factor, other = other.times, fact.value
            if factor != 1:
                other = other * float(factor) if kind(other) == "number" else None
        if test.op in (Op.IS, Op.IS_NOT):
            return equal(value, other) == (test.op is Op.IS)
        if (kind(value), kind(other)) != ("number", "number"):
            return False
        holds: dict[Op, Callable[[], bool]] = {
            Op.LT: lambda: value < other,
            Op.LE: lambda: value <= other,
            Op.GT: lambda: value > other,
            Op.GE: lambda: value >= other,
        }
        return holds[test.op]()


def ways(clause: Clause) -> tuple[Condition, ...]:
    return clause.alternatives if isinstance(clause, AnyOf) else (clause,)


def in_alternatives(rule: Rule) -> list[Condition]:
    return [c for clause in rule.when if isinstance(clause, AnyOf) for c in clause.alternatives]


def everything(rule: Rule) -> list[Condition]:
    return [*(c for clause in rule.when for c in ways(clause)), *rule.applies, *rule.unless]


def in_order(rule: Rule) -> list[str]:
    return [condition.fact for condition in everything(rule) if condition.subject == EACH]


def whom(condition: Condition, subject: str) -> str:
    return subject if condition.subject == EACH else condition.subject


def kind(value: object) -> str:
    return {bool: "truth", str: "text", int: "number", float: "number"}.get(type(value), "nothing")


def equal(left: object, right: object) -> bool:
    return kind(left) == kind(right) != "nothing" and left == right

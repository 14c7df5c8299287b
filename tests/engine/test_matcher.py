from __future__ import annotations

from collections.abc import Callable, Sequence

from diagnose.core.values import Fact, Quality
from diagnose.engine.inference import Gap, OutOfRange
from diagnose.engine.matcher import Verdicts, match
from diagnose.engine.memory import Memory
from diagnose.engine.plan import plan_all
from diagnose.rulebase.rule import EACH, Condition, Op, Rule, Test

MakeRule = Callable[..., Rule]

POSITIVE = (Test(Op.GT, 0),)
VALID = Condition("width", "run", POSITIVE, "valid")
HOLDS = Condition("rate", EACH, POSITIVE, "rate")
CONTRA = Condition("benign", EACH, POSITIVE, "benign")


def verdicts(rule: Rule, facts: Sequence[Fact]) -> Verdicts:
    return match(plan_all([rule]), Memory(facts, frozenset()))


def rate(subject: str, value: float | None) -> Fact:
    return Fact("rate", subject, value, quality=Quality.UNKNOWN if value is None else Quality.EXACT)


def test_a_rule_is_tried_for_every_subject_of_its_each_facts(make_rule: MakeRule) -> None:
    rule = make_rule("a", when=(HOLDS,), unless=(CONTRA,))
    facts = [rate("high", 1), rate("low", -1), rate("mid", None)]
    facts += [Fact("benign", subject, 0) for subject in ("high", "other")]
    got = verdicts(rule, facts)
    assert [(firing.subject, [fact.subject for _, fact in firing.bound]) for firing in got.firings] == [
        ("high", ["high"])
    ]
    assert got.silent == [("a", "low")]
    assert got.gaps == [
        Gap("a", "mid", (("rate", "mid"), ("benign", "mid"))),
        Gap("a", "other", (("rate", "other"),)),
    ]


def test_a_rule_that_finds_no_subject_is_one_gap(make_rule: MakeRule) -> None:
    got = verdicts(make_rule("a", applies=(VALID,), when=(HOLDS,), unless=(CONTRA,)), [Fact("width", "run", 1)])
    assert got.gaps == [Gap("a", EACH, (("rate", EACH), ("benign", EACH)))]
    assert (got.firings, got.silent, got.out_of_range) == ([], [], [])


def test_a_rule_without_each_is_tried_once(make_rule: MakeRule) -> None:
    got = verdicts(make_rule("a", when=(VALID,)), [Fact("width", "run", 1)])
    assert [firing.subject for firing in got.firings] == ["run"]


def test_out_of_range_comes_before_silent_and_gap(make_rule: MakeRule) -> None:
    narrow = Fact("width", "run", 0)
    for value in (-1, None):
        got = verdicts(make_rule("a", applies=(VALID,), when=(HOLDS,)), [narrow, rate("high", value)])
        assert got.out_of_range == [OutOfRange("a", "high", VALID, narrow)]
        assert (got.silent, got.gaps) == ([], [])


def test_a_known_failure_is_silent_whatever_else_is_unknown(make_rule: MakeRule) -> None:
    got = verdicts(make_rule("a", applies=(VALID,), when=(HOLDS,), unless=(CONTRA,)), [rate("high", -1)])
    assert got.silent == [("a", "high")]


def test_a_known_contradiction_is_silent_whatever_else_is_unknown(make_rule: MakeRule) -> None:
    got = verdicts(make_rule("a", when=(HOLDS,), unless=(CONTRA,)), [Fact("benign", "high", 1)])
    assert got.silent == [("a", "high")]


def test_a_gap_names_every_unknown_fact_once(make_rule: MakeRule) -> None:
    again = Condition("benign", EACH, (), "again")
    got = verdicts(make_rule("a", applies=(VALID,), when=(HOLDS,), unless=(CONTRA, again)), [rate("high", 1)])
    assert got.gaps == [Gap("a", "high", (("width", "run"), ("benign", "high")))]


def test_an_absence_that_is_unknown_is_not_an_absence(make_rule: MakeRule) -> None:
    got = verdicts(make_rule("a", when=(HOLDS,), unless=(CONTRA,)), [rate("high", 1)])
    assert got.firings == []

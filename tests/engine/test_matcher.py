from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from diagnose.core.values import Fact, Quality, Scalar
from diagnose.engine.inference import Gap, OutOfRange
from diagnose.engine.matcher import Verdicts, match, weigh
from diagnose.engine.memory import Memory
from diagnose.engine.plan import plan_all
from diagnose.rulebase.comparison import passes, scaled
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Operand, Reference, Rule, Test

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


BIG = 2**53


@pytest.mark.parametrize(
    ("value", "op", "operand", "expected"),
    [
        (1, Op.IS, 1.0, True),
        (0.0, Op.IS, -0.0, True),
        (BIG + 1, Op.IS, float(BIG), False),
        (True, Op.IS, 1, False),
        (0, Op.IS, False, False),
        (True, Op.IS, True, True),
        ("1", Op.IS, 1, False),
        ("a", Op.IS, "a", True),
        (1, Op.IS_NOT, 1.0, False),
        (True, Op.IS_NOT, 1, True),
        ("1", Op.IS_NOT, 1, True),
        ("b", Op.IN, ("a", "b"), True),
        (1.0, Op.IN, (True, "1"), False),
        (1.0, Op.IN, (), False),
        (5e-06, Op.LT, 5.1e-06, True),
        (5e-06, Op.LT, 5e-06, False),
        (5e-06, Op.LE, 5e-06, True),
        (3, Op.GT, 2.5, True),
        (3, Op.GE, 3.0, True),
        (True, Op.GE, 0, False),
        (1, Op.GE, False, False),
        ("b", Op.GT, "a", False),
        ("5", Op.GT, 4, False),
    ],
)
def test_comparisons(*, value: Scalar, op: Op, operand: Operand, expected: bool) -> None:
    assert passes(Test(op, operand), value, {}) is expected


@pytest.mark.parametrize(
    ("value", "op", "other", "times", "expected"),
    [
        (6.0, Op.IS, 2, 3.0, True),
        (0.3, Op.IS, 0.1, 3.0, False),
        ("a", Op.IS, "a", 1.0, True),
        (True, Op.IS, True, 1, True),
        ("a", Op.LE, "a", 1.0, False),
        ("aa", Op.IS, "a", 2.0, False),
        ("aa", Op.IS_NOT, "a", 2.0, True),
        (2, Op.IS_NOT, True, 2.0, True),
        (2, Op.GE, True, 2.0, False),
        (-1.0, Op.GT, 1.0, -2.0, True),
    ],
)
def test_references(*, value: Scalar, op: Op, other: Scalar, times: float, expected: bool) -> None:
    assert passes(Test(op, Reference("other", times)), value, {"other": other}) is expected


def test_a_product_beyond_the_doubles_is_infinite() -> None:
    assert scaled(10**400, 0.5) == float("inf")
    assert scaled(-(10**400), 0.5) == float("-inf")
    assert scaled(10**400, 1.0) == 10**400


def test_a_condition_is_unknown_if_its_reference_is_whatever_its_other_tests_say(
    make_rule: Callable[..., Rule],
) -> None:
    target = Condition("missing", "low", (), "target")
    condition = Condition("rate", EACH, (Test(Op.GT, 9), Test(Op.LT, Reference("target"))), "rate")
    (plan,) = plan_all([make_rule("a", when=(condition,), unless=(target,))])
    weighed = weigh(plan.when[0], plan, "high", Memory([Fact("rate", "high", 1)], frozenset()))
    assert weighed.truth is None
    assert weighed.missing == (("missing", "low"),)


@pytest.mark.parametrize(
    ("values", "truth", "bound", "missing"),
    [
        ((2, None, 3), True, {"a", "c"}, ()),
        ((0, None, 0), None, set(), (("b", "run"),)),
        ((0, 0, 0), False, set(), ()),
    ],
)
def test_alternatives(
    make_rule: Callable[..., Rule],
    *,
    values: tuple[int | None, ...],
    truth: bool | None,
    bound: set[str],
    missing: tuple[tuple[str, str], ...],
) -> None:
    clause = AnyOf(tuple(Condition(name, "run", (Test(Op.GT, 1),), name) for name in "abc"))
    (plan,) = plan_all([make_rule("a", when=(clause,))])
    facts = [Fact(name, "run", value) for name, value in zip("abc", values, strict=True) if value is not None]
    weighed = weigh(plan.when[0], plan, "run", Memory(facts, frozenset()))
    assert weighed.truth is truth
    assert set(weighed.bound) == bound
    assert weighed.missing == missing


def test_a_clause_without_alternatives_never_holds(make_rule: Callable[..., Rule]) -> None:
    (plan,) = plan_all([make_rule("a", when=(AnyOf(()),))])
    assert weigh(plan.when[0], plan, "run", Memory([], frozenset())).truth is False

from __future__ import annotations

from collections.abc import Callable

import pytest

from diagnose.core.values import Fact, Scalar
from diagnose.engine.memory import Memory
from diagnose.engine.plan import plan_all
from diagnose.engine.truth import weigh
from diagnose.rulebase.comparison import passes, scaled
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Operand, Reference, Rule, Test

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

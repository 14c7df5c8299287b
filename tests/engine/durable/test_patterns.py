from __future__ import annotations

import pytest

from diagnose.core.errors import EngineError
from diagnose.engine.durable.encode import KNOWN, Node
from diagnose.engine.durable.patterns import TRUE, Branch, branches, pattern, subject_pattern
from diagnose.rulebase.rule import EACH, Condition, Op, Operand, Reference, Test

NUMBER: Node = {"type": "number"}
LIKE: Node = {"type": {"c1": "type"}}
PLAIN: Node = {"c1": "number"}
TRIPLE: Node = {"$mul": {"$l": {"c1": "number"}, "$r": 3.0}}


def ways(*tests: Test) -> list[Branch]:
    return branches(Condition("rate", "high", tests, "rate"), {"other": "c1"})


@pytest.mark.parametrize(
    ("op", "operand", "constants"),
    [
        (Op.IS, 5, [[{"value": "number:5.0"}]]),
        (Op.IS, "5", [[{"value": "text:5"}]]),
        (Op.IS_NOT, True, [[{"$neq": {"value": "truth:True"}}]]),
        (Op.IN, ("a", 1, 1.0), [[{"value": "text:a"}], [{"value": "number:1.0"}]]),
        (Op.IN, (), []),
        (Op.LT, 5e-06, [[NUMBER, {"$lt": {"number": 5e-06}}]]),
        (Op.GE, -0.0, [[NUMBER, {"$gte": {"number": 0.0}}]]),
        (Op.GT, "a", []),
        (Op.LE, True, []),
    ],
)
def test_constants(op: Op, operand: Operand, constants: list[list[Node]]) -> None:
    assert ways(Test(op, operand)) == [Branch(tuple(way)) for way in constants]


@pytest.mark.parametrize(
    ("op", "times", "expected"),
    [
        (Op.IS, 1.0, [Branch(joins=({"value": {"c1": "value"}},))]),
        (Op.IS_NOT, 1, [Branch(joins=({"$neq": {"value": {"c1": "value"}}},))]),
        (Op.LE, 1.0, [Branch((NUMBER,), (LIKE, {"$lte": {"number": PLAIN}}))]),
        (Op.GT, 3, [Branch((NUMBER,), (LIKE, {"$gt": {"number": TRIPLE}}))]),
        (Op.IS, 3.0, [Branch((NUMBER,), (LIKE, {"$gte": {"number": TRIPLE}}, {"$lte": {"number": TRIPLE}}))]),
        (
            Op.IS_NOT,
            3.0,
            [
                Branch((NUMBER,), (LIKE, {"$lt": {"number": TRIPLE}})),
                Branch((NUMBER,), (LIKE, {"$gt": {"number": TRIPLE}})),
                Branch(({"$neq": NUMBER},)),
                Branch(joins=({"$neq": LIKE},)),
            ],
        ),
    ],
)
def test_references(op: Op, times: float, expected: list[Branch]) -> None:
    assert ways(Test(op, Reference("other", times))) == expected


def test_several_tests_hold_together() -> None:
    assert ways(Test(Op.IN, ("a", "b")), Test(Op.IS_NOT, "a"), Test(Op.IS, Reference("other"))) == [
        Branch(({"value": text}, {"$neq": {"value": "text:a"}}), ({"value": {"c1": "value"}},))
        for text in ("text:a", "text:b")
    ]


def test_no_test_is_one_way() -> None:
    assert ways() == [Branch()]


def test_constants_come_before_joins_and_the_true_test_last() -> None:
    (branch,) = ways(Test(Op.IS, Reference("other")), Test(Op.IS, 1))
    each = Condition("rate", EACH, (), "rate")
    tests = [{"kind": "known"}, {"name": "rate"}, {"value": "number:1.0"}]
    joins = [{"subject": {"i": "subject"}}, {"value": {"c1": "value"}}]
    assert pattern("c0", KNOWN, each, branch) == {"c0": {"$and": [*tests, *joins, TRUE]}}


def test_the_subject_is_bound_by_the_rule_it_is_tried_for() -> None:
    assert subject_pattern("slow") == {"i": {"$and": [{"kind": "tried"}, {"name": "slow"}, TRUE]}}


@pytest.mark.parametrize(
    "test", [Test(Op.GT, 2**53 + 1), Test(Op.IS, "x" * 5000), Test(Op.LT, Reference("other", 1e400))]
)
def test_a_constant_the_engine_cannot_hold_is_refused(test: Test) -> None:
    with pytest.raises(EngineError, match="the engine cannot hold"):
        ways(test)

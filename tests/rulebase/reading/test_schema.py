"""The shape of a rule file: operators in order, and a change that writes exactly one value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from diagnose.rulebase.reading.schema import CaseShape, ChangeShape, ConditionShape, GradeShape
from diagnose.rulebase.rule import Op


def test_operators_come_in_one_order() -> None:
    shape = ConditionShape.model_validate({"fact": "a.b", "le": 3, "gt": 1, "in": [1, 2]})
    assert [op for op, _ in shape.operands()] == [Op.IN, Op.LE, Op.GT]
    assert shape.of == "run"


@pytest.mark.parametrize("operand", [{"is": None}, {"lt": None}, {"in": None}, {"in": []}, {"like": 1}])
def test_no_operand_is_a_fault(operand: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConditionShape.model_validate({"fact": "a.b", **operand})


@pytest.mark.parametrize("operands", [{}, {"lt": 1, "gt": 0}])
def test_a_grade_has_one_operator(operands: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GradeShape.model_validate({"severity": "major", "of": "size", **operands})


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        ({"op": "set", "value": 1}, True),
        ({"op": "set", "recipe": "steps"}, True),
        ({"op": "set"}, False),
        ({"op": "set", "value": 1, "recipe": "steps"}, False),
        ({"op": "remove"}, True),
        ({"op": "remove", "value": 1}, False),
    ],
)
def test_a_change_writes_one_value_or_none(value: dict[str, Any], sound: bool) -> None:
    change = {"setting": "steps", "because": "it must", "applicability": "safe", **value}
    if sound:
        assert ChangeShape.model_validate(change).because == "it must"
    else:
        with pytest.raises(ValidationError):
            ChangeShape.model_validate(change)


def test_a_case_gives_nothing_of_its_own_unless_it_says_so() -> None:
    assert CaseShape.model_validate({"name": "fires", "expect": {"fires": True}}).given == {}

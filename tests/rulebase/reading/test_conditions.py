"""Conditions as files write them: operators in one order, and a value for each."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from diagnose.rulebase.reading.conditions import Conditions, ConditionShape
from diagnose.rulebase.rule import Op, Param, Reference, Test
from diagnose.rulebase.yaml_places import parse


def test_operators_come_in_one_order() -> None:
    shape = ConditionShape.model_validate({"fact": "a.b", "le": 3, "gt": 1, "in": [1, 2]})
    assert [op for op, _ in shape.operands()] == [Op.IN, Op.LE, Op.GT]
    assert shape.of == "run"


@pytest.mark.parametrize("operand", [{"is": None}, {"lt": None}, {"in": None}, {"in": []}, {"like": 1}])
def test_no_operand_is_a_fault(operand: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConditionShape.model_validate({"fact": "a.b", **operand})


def test_operands_are_values_parameters_and_references() -> None:
    document = parse("f", "when: [{gt: $least, le: $most, is_not: {ref: other, times: 2}}]")
    shape = ConditionShape.model_validate({"fact": "a.b", **document.data["when"][0]})
    read = Conditions(document, {"least": Param("least", 3, "", "", None)})
    assert read.tests(("when", 0), shape) == (
        Test(Op.IS_NOT, Reference("other", 2.0)),
        Test(Op.LE, 0, "most"),
        Test(Op.GT, 3, "least"),
    )
    assert read.used == {"least"}
    assert [str(fault) for fault in document.faults] == ["f:1: when[0].le: there is no parameter most"]


def test_what_is_for_rules_alone_is_a_fault_elsewhere() -> None:
    document = parse("f", "")
    shape = ConditionShape.model_validate({"fact": "a.b", "as": "it"})
    Conditions(document, {}).bare((), shape)
    assert [fault.text for fault in document.faults][1:] == [
        "compare a.b with something; to be known decides nothing",
        "a name (as) is for rules; nothing here could use it",
    ]

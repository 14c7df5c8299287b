"""The shape of a rule file: a grade with one operator, and a change that writes exactly one value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from diagnose.rulebase.reading.schema import CaseShape, ChangeShape, GradeShape


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

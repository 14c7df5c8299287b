"""Parameters and recipes: numbers that follow from others, and recipes that name them."""

from __future__ import annotations

import pytest

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.parameter_files import read_parameters, read_recipes
from diagnose.rulebase.yaml_places import Document, parse

PARAMETERS = """\
least: {value: 3, unit: "", source: code, runs: null, meaning: at least}
most: {value: 5, unit: "", source: code, runs: null, meaning: at most}
middle: {follows: {of: [least, most]}, unit: "", source: code, runs: null, meaning: between the two}
"""
RECIPES = """\
recommended: {claims: [CFG-01], values: {ratio: $middle, steps: 2200}}
conservative: {claims: [CFG-01], values: {ratio: $least, steps: 2200}}
"""


def document(text: str) -> Document:
    found = parse("file.yaml", text)
    assert not found.faults
    return found


def test_a_parameter_that_follows_is_worked_out() -> None:
    found = read_parameters(document(PARAMETERS), None)
    assert {name: param.value for name, (param, _) in found.items()} == {"least": 3, "most": 5, "middle": 4}
    assert found["middle"][1] == "between the two"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[least, most]", "[least, middle]", "middle.follows: follow a parameter with a value of its own"),
        ("[least, most]", "[leas]", "middle.follows: follow a parameter with a value of its own; did you mean least?"),
        ("follows: {of: [least, most]}", "value: 4, follows: {of: [least]}", "middle: give a value, or under follows"),
    ],
)
def test_what_cannot_be_followed_is_a_fault(old: str, new: str, fault: str) -> None:
    file = document(PARAMETERS.replace(old, new))
    assert not read_parameters(file, None)
    assert [each.line for each in file.faults] == [3]
    assert file.faults[0].text.startswith(fault)


def recipes(text: str) -> tuple[list[object], list[Fault]]:
    shared, file = read_parameters(document(PARAMETERS), None), document(text)
    found = read_recipes(file, None, {name: param for name, (param, _) in shared.items()}, {})
    return [dict(recipe.values) for recipe in found.values()], file.faults


def test_a_recipe_names_parameters() -> None:
    values, faults = recipes(RECIPES)
    assert faults == []
    assert values == [{"ratio": 4, "steps": 2200}, {"ratio": 3, "steps": 2200}]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("$least", "$leas", "conservative.values.ratio: there is no parameter leas; did you mean least?"),
        (
            "{ratio: $least, steps: 2200}",
            "{ratio: $least}",
            "conservative: steps is missing, which another strategy has",
        ),
    ],
)
def test_a_recipe_at_fault_is_told_with_its_line(old: str, new: str, fault: str) -> None:
    _, faults = recipes(RECIPES.replace(old, new))
    assert (2, fault) in [(each.line, each.text) for each in faults]

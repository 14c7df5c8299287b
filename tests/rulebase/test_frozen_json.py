"""A stored rule base is the same rule base, and a stranger's text builds nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.resources import knowledge_dir, rules_dir
from diagnose.core.values import Intent, Place
from diagnose.rulebase.frozen_json import FormError, from_plain, to_plain
from diagnose.rulebase.reading.load import load_rulebase
from diagnose.rulebase.rule import Op, Test

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
LEAVES = SCALARS | st.sampled_from(Intent) | st.builds(Place, st.text(), st.none() | st.integers()) | st.just(Path("a"))
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.frozensets(st.text())
        | st.builds(Test, st.sampled_from(Op), inner, st.none() | st.text())
    ),
)


@given(VALUES)
def test_what_is_stored_comes_back(value: object) -> None:
    found = from_plain(json.loads(json.dumps(to_plain(value))))
    assert found == value
    assert type(found) is type(value)


def test_our_rule_base_survives() -> None:
    base = load_rulebase([rules_dir()], knowledge_dir())
    assert from_plain(json.loads(json.dumps(to_plain(base)))) == base


@dataclass(frozen=True)
class Foreign:
    """Not of a rule base."""

    number: int = 1


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, 1j, [object()], Intent])
def test_what_no_rule_base_is_made_of_is_refused(value: object) -> None:
    with pytest.raises(FormError):
        to_plain(value)


@pytest.mark.parametrize(
    "name",
    [
        "subprocess:Popen",
        "builtins:eval",
        "os:system",
        "diagnose.modelling:X",
        "diagnose.rulebase.reading.load:load_rulebase",
        "diagnose.rulebase.rule:Path",
        "diagnose.rulebase.none:X",
        "",
    ],
)
def test_no_other_class_is_ever_built(name: str) -> None:
    with pytest.raises(FormError):
        from_plain({"classes": [name], "value": [5, 0, "x"]})


def test_a_class_from_elsewhere_does_not_come_back() -> None:
    with pytest.raises(FormError):
        from_plain(to_plain(Foreign()))


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"classes": []},
        {"classes": [], "value": [99]},
        {"classes": [], "value": [[]]},
        {"classes": [], "value": [5, 0]},
        {"classes": ["diagnose.core.values:Intent"], "value": [6, 0, "none"]},
        {"classes": ["diagnose.core.values:Place"], "value": [5, 0]},
        {"classes": ["diagnose.core.values:Place"], "value": [5, 0, "f", 1, 2, 3, 4, 5, 6]},
    ],
)
def test_a_text_of_another_making_is_refused(stored: Any) -> None:
    with pytest.raises(FormError):
        from_plain(stored)

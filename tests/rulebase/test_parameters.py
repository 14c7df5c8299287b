from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar
from diagnose.rulebase.parameters import override
from diagnose.rulebase.rule import Param

PARAMS = {
    param.name: param
    for param in (
        Param("ratio", 3, "", "CFG-05", 1),
        Param("rate", 5e-06, "", "CFG-05", 1),
        Param("scheduler", "flowmatch", "", "CHK-12", None),
        Param("strict", value=True, unit="", source="code", runs=None),
        Param("a-rule.limit", 0.004, "", "code", None),
        Param("every", 100, "steps", "LES-04", 1, least=1, whole=True),
        Param("steps_min", 1800, "steps", "DUR-02", 1),
        Param("steps_max", 2200, "steps", "DUR-02", 1),
    )
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ratio", "2.5", 2.5),
        ("ratio", "4", 4),
        ("rate", "1e-5", 1e-05),
        ("scheduler", "ddpm", "ddpm"),
        ("scheduler", "3", "3"),
        ("strict", "False", False),
        ("a-rule.limit", "0.005", 0.005),
    ],
)
def test_a_value_replaces_ours_and_says_so(name: str, text: str, value: Scalar) -> None:
    changed = override(PARAMS, {name: text})
    assert changed[name].value == value
    assert type(changed[name].value) is type(value)
    assert changed[name].overridden
    assert changed[name].source == PARAMS[name].source
    assert {key: param for key, param in changed.items() if key != name} == {
        key: param for key, param in PARAMS.items() if key != name
    }


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("ration", "3", "--set ration: there is no such parameter; did you mean ratio?"),
        ("limit", "3", "--set limit: there is no such parameter"),
        ("ratio", "high", "--set ratio=high: give a number, like 3"),
        ("ratio", "nan", "--set ratio=nan: give a number, like 3"),
        ("ratio", "inf", "--set ratio=inf: give a number, like 3"),
        ("ratio", "", "--set ratio=: give a number, like 3"),
        ("rate", "x", "--set rate=x: give a number, like 5e-6"),
        ("strict", "1", "--set strict=1: give true or false"),
        ("scheduler", "", "--set scheduler=: give a text, like flowmatch"),
        ("every", "-5", "--set every=-5: give a whole number of at least 1, like 100"),
        ("every", "0", "--set every=0: give a whole number of at least 1, like 100"),
        ("every", "33.3", "--set every=33.3: give a whole number of at least 1, like 100"),
        (
            "steps_min",
            "2201",
            "--set: steps_min = 2201 is above steps_max = 2200; set both so that the lower comes first",
        ),
        ("steps_max", "9", "--set: steps_min = 1800 is above steps_max = 9; set both so that the lower comes first"),
    ],
)
def test_what_cannot_be_set_is_told_in_one_line(name: str, text: str, complaint: str) -> None:
    with pytest.raises(DiagnoseError) as error:
        override(PARAMS, {name: text})
    assert str(error.value) == complaint


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(DiagnoseError) as error:
        override(PARAMS, {"x": "1", "ratio": "y"})
    assert str(error.value).splitlines() == [
        "--set x: there is no such parameter",
        "--set ratio=y: give a number, like 3",
    ]


def test_two_bounds_may_be_moved_together() -> None:
    changed = override(PARAMS, {"steps_min": "3000", "steps_max": "3000", "every": "33.0"})
    assert [changed[name].value for name in ("steps_min", "steps_max", "every")] == [3000, 3000, 33]


def test_where_a_value_was_set_is_kept_and_named_in_complaints() -> None:
    origins = {"ratio": "diagnose.yaml:4", "x": "diagnose.yaml:5"}
    changed = override(PARAMS, {"ratio": "2", "rate": "1"}, origins)
    assert (changed["ratio"].origin, changed["rate"].origin, changed["strict"].origin) == (
        "diagnose.yaml:4",
        "--set",
        "",
    )
    with pytest.raises(DiagnoseError, match=r"^diagnose\.yaml:5 x: there is no such parameter"):
        override(PARAMS, {"x": "1"}, origins)


@given(st.dictionaries(st.sampled_from([*PARAMS, "other", "ratio.x"]), st.text(max_size=30)))
def test_no_override_fails_otherwise_or_changes_a_type(overrides: dict[str, str]) -> None:
    try:
        changed = override(PARAMS, overrides)
    except DiagnoseError:
        return
    for name, param in changed.items():
        kinds = (bool, str) if isinstance(PARAMS[name].value, (bool, str)) else (int, float)
        assert isinstance(param.value, kinds)
        assert param.overridden is (name in overrides)
        assert param.replaced == (PARAMS[name].value if name in overrides else None)

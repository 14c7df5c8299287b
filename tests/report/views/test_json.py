"""The JSON report: the contract's keys, every field of the report, and numbers that are numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import count
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.report.formats import render
from diagnose.report.views.json import encoded, shown_fields
from diagnose.verdict.judgement import Evidence, RivalState, RivalTest, WeighedRival
from diagnose.verdict.report import Report

KEY = "medium"
"""The name of an expert, of which some keys of the document are made."""
RENAMED = {"lr": f"lr_{KEY}", "old": "from", "new": "to", "place": "source", "evolution": "trajectory"}
"""The evolution's parts stand at the top of the document."""


class Specimen:
    """Builds a value of any type the report uses, every text and number in it unlike all others."""

    def __init__(self) -> None:
        self._numbers = count(1000)
        self.leaves: list[object] = []
        self.names: set[str] = set()

    def build(self, kind: Any) -> Any:  # noqa: PLR0911 - one return per kind of type
        """Return a value of the annotated type `kind`."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return self.build(next(each for each in reversed(arguments) if each is not NoneType))
        if origin is tuple:
            members = arguments[:1] if arguments[-1] is Ellipsis else arguments
            return tuple(self.build(member) for member in members)
        if origin is Mapping:
            key = KEY if arguments[0] is str else self.build(arguments[0])
            return {key: self.build(arguments[1])}
        if kind is NoneType or kind is bool:
            return None if kind is NoneType else True
        if isinstance(kind, type) and issubclass(kind, Struct):
            hints = get_type_hints(kind, localns={"Scalar": bool | float | int | str})  # a string at run time
            names = shown_fields(kind)
            self.names |= set(names)
            return kind(**{name: self.build(hints[name]) for name in names})
        if issubclass(kind, Enum):
            return next(iter(kind))
        number = next(self._numbers)
        leaf = {str: f"text-{number}", int: number, float: number + 0.5}[kind]
        self.leaves.append(leaf)
        return leaf


def leaves(document: object) -> Iterator[object]:
    if isinstance(document, dict):
        yield from (leaf for member in document.values() for leaf in leaves(member))
    elif isinstance(document, list):
        yield from (leaf for member in document for leaf in leaves(member))
    else:
        yield document


def keys(document: object) -> set[str]:
    if isinstance(document, dict):
        return set(document) | {key for member in document.values() for key in keys(member)}
    return {key for member in document for key in keys(member)} if isinstance(document, list) else set()


def test_no_field_of_the_report_is_lost() -> None:
    specimen = Specimen()
    document = json.loads(render(specimen.build(Report), "json"))
    assert len(specimen.leaves) > 100
    said = [*leaves(document), *keys(document)]  # an expert's name is a key
    missing = set(map(repr, specimen.leaves)) - set(map(repr, said))
    assert not missing
    assert {RENAMED.get(name, name) for name in specimen.names} <= keys(document)
    assert {f"{KEY}_magnitude", f"{KEY}_update_norm", f"lr_{KEY}"} <= keys(document)


def test_the_contracts_keys(failing: Report) -> None:
    document = json.loads(render(failing, "json"))
    assert document["schema"] == "diagnose/report/1"
    assert {"version", "rulebase"} <= set(document["tool"])
    assert {"name", "path", "trainer", "trainer_evidence", "intent", "intent_evidence"} <= set(document["run"])
    assert {"steps_configured", "steps_trained"} <= set(document["run"])
    assert document["verdict"] == {"status": "failing", "headline": failing.verdict.headline}
    for expert in ("high", "low"):
        wanted = {"lr_first", "lr_last", "loss_mean", "loss_std", "batches", "gradient_stability"}
        assert wanted <= set(document["experts"][expert])
    assert document["experts"]["high"]["lr_last"] == 0.000148
    assert set(document["lr_ratio"]) == {"declared", "effective", "observed_last", "observed_median"}
    row = {
        "step",
        "high_magnitude",
        "low_magnitude",
        "weight_ratio",
        "high_update_norm",
        "low_update_norm",
        "files",
    }
    assert row <= set(document["checkpoints"][0])
    assert document["forecast"] is None
    assert set(document["next"]) >= {"strategy", "changes", "conflicts", "config"}
    assert set(document["not_evaluated"][0]) >= {"name", "rule", "needs"}
    assert set(document["passed"][0]) >= {"name", "rule", "claims"}
    assert set(document["effective"][0]) >= {"path", "declared", "effective", "why", "source"}


def test_a_finding_as_the_contract_has_it(failing: Report) -> None:
    ratio, weak = json.loads(render(failing, "json"))["findings"][:2]
    assert (ratio["severity"], ratio["confidence"], ratio["claims"]) == ("major", "high", ["CFG-05"])
    assert ratio["citations"][0]["says"].startswith("Learning-rate ratio")
    assert ratio["evidence"][0]["source"] == {"file": "metrics_run-v15.jsonl", "line": 3070, "step": 3069}
    assert ratio["evidence"][0]["value"] == 1.3454545
    change = ratio["changes"][0]
    assert (change["from"], change["to"], change["applicability"]) == (1e-5, 2e-5, "safe")
    assert weak["chain"] == [
        {
            "rule": "LR-001",
            "name": "lr-ratio-too-small",
            "title": "The learning-rate ratio is too small for motion",
        }
    ]


def test_a_rival_has_its_state_evidence_and_test(failing: Report) -> None:
    fact = Evidence("config.ema", "averages", value=False, unit="", subject="run", source=Place("config.yaml", 7))
    test = RivalTest("Look.", "a look", ("averaged",))
    out = RivalState.RULED_OUT
    rival = WeighedRival("averaged", "averages", "It was averaged.", out, (fact,), (), "reported", ("x/y #1",), test)
    item = replace(failing.findings[0], rivals=(rival,), cheapest_test=test, lowered="because")
    found = json.loads(render(replace(failing, findings=(item,)), "json"))["findings"][0]
    assert found["rivals"] == [
        {
            "id": "averaged",
            "title": "averages",
            "says": "It was averaged.",
            "state": "ruled-out",
            "evidence": [
                {
                    "fact": "config.ema",
                    "meaning": "averages",
                    "value": False,
                    "unit": "",
                    "subject": "run",
                    "source": {"file": "config.yaml", "line": 7},
                    "note": "",
                }
            ],
            "needs": [],
            "grade": "reported",
            "references": ["x/y #1"],
            "test": {"does": "Look.", "cost": "a look", "rivals": ["averaged"]},
        }
    ]
    assert found["cheapest_test"] == {"does": "Look.", "cost": "a look", "rivals": ["averaged"]}
    assert found["lowered"] == "because"


@pytest.mark.parametrize("name", ["failing", "healthy", "unknown"])
def test_the_same_report_gives_the_same_bytes(name: str, request: pytest.FixtureRequest) -> None:
    text = render(request.getfixturevalue(name), "json")
    assert text == render(request.getfixturevalue(name), "json")
    assert text.endswith("}\n")
    assert text.isascii()
    assert json.loads(text)["not_finite"] == []


def test_what_is_not_finite_is_null_and_said_to_be(failing: Report) -> None:
    wild = replace(failing.effective[0], declared=math.inf, effective=10**400)
    document = json.loads(render(replace(failing, effective=(wild,)), "json"))
    assert document["effective"][0]["declared"] is None
    assert document["effective"][0]["effective"] is None
    assert document["not_finite"] == [
        {"at": "/effective/0/declared", "was": "inf"},
        {"at": "/effective/0/effective", "was": "an integer too large"},
    ]


def test_text_that_is_no_text_survives(failing: Report) -> None:
    odd = replace(failing, run=replace(failing.run, name="\ud800\x1b\u202e\x00"))
    assert json.loads(render(odd, "json"))["run"]["name"] == "\ud800\x1b\u202e\x00"


def test_a_mapping_by_expert_has_the_experts_names() -> None:
    assert encoded({Expert.HIGH: 0.486, Expert.LOW: None}) == {"high": 0.486, "low": None}


class Foreign(Struct, frozen=True):
    """Something no report holds."""

    values: frozenset[int]


def test_a_type_without_a_place_is_an_error(failing: Report) -> None:
    broken = replace(failing, run=replace(failing.run, name=Foreign(frozenset({1}))))
    with pytest.raises(TypeError, match="frozenset"):
        render(broken, "json")

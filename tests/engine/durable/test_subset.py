from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

from diagnose.core.errors import EngineError
from diagnose.engine.durable.encode import GO, message
from diagnose.engine.durable.patterns import GATE, TRUE
from diagnose.engine.durable.subset import NUMBERS, TEXTS, check

Node: TypeAlias = "Mapping[str, Any]"

HEAD: list[Any] = [{"kind": "known"}, {"name": "rate"}]
JOIN: dict[str, Any] = {"$lt": {"number": {"c0": "number"}}}


def ruleset(*patterns: Node, gate: object = GATE, dist: int = 0) -> str:
    rules = {"__gate__": {"all": [GATE]}, "r0v0": {"dist": dist, "all": [gate, *patterns]}}
    return json.dumps(rules)


def known(alias: str, *tests: object, last: object = TRUE) -> dict[str, Any]:
    return {alias: {"$and": [*HEAD, *tests, last]}}


def test_the_subset_passes() -> None:
    product = {"$gte": {"number": {"$mul": {"$l": {"c0": "number"}, "$r": 0.5}}}}
    check(
        ruleset(
            known("c0", {"$gt": {"number": 1.5}}),
            known("c1", {"value": "x"}, JOIN, product),
            known("z0$not", JOIN),
        )
    )


def test_its_schema_is_the_messages_schema() -> None:
    assert {"id", *TEXTS, *NUMBERS} == set(json.loads(message(0, GO)))
    assert json.dumps(GO) in json.dumps(GATE)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (json.dumps({"r0v0": {"dist": 0, "all": [GATE]}}), "the gate has a rule, the first"),
        (json.dumps({"__gate__": {"all": [GATE, known("c0")]}}), "the gate has a rule, the first"),
        (ruleset(known("c0"), gate=known("g")), "every rule starts with the gate"),
        (ruleset(known("c0"), dist=1), "a rule has dist 0"),
        (ruleset(*(known(f"z{n}$not") for n in range(40))), "at most 40 patterns"),
        (ruleset(*(known(f"c{n}") for n in range(16))), "at most 16 messages"),
        (ruleset(known("c0"), known("c1", *[JOIN] * 29)), "at most 28 joins"),
        (ruleset(known("c0"), known("c1", last=JOIN)), "ends with the test that is always true"),
        (ruleset(known("c0"), known("c1", TRUE, last=JOIN)), "ends with the test that is always true"),
        (ruleset(known("c0"), known("c0")), "one alias of its own"),
        (ruleset(known("z0$not"), known("c0")), "negations come last"),
        (ruleset(known("c0"), known("c1", JOIN, {"value": "x"})), "constants are tested before joins"),
        (ruleset({"c0": {"$and": [{"name": "rate"}, {"kind": "known"}, TRUE]}}), "kind and name are tested first"),
        (ruleset({"c0": {"name": "rate"}}), "a pattern is one conjunction"),
        (ruleset(known("c0", {"$or": [{"value": "x"}]})), "reads a property of the messages"),
        (ruleset(known("c0", {"$nex": {"value": 1.0}})), "reads a property of the messages"),
        (ruleset(known("c0", {"other": "x"})), "reads a property of the messages"),
        (ruleset(known("c0", {"number": "5"})), "a constant has its property's type"),
        (ruleset(known("c0", {"$gt": {"number": 5}})), "a constant has its property's type"),
        (ruleset(known("c0", {"$gt": {"value": 5.0}})), "a constant has its property's type"),
        (ruleset(known("c0", {"$gt": {"number": 5e-06}})), "a number has a point: '5e-06'"),
        (ruleset(known("c1", JOIN)), "a join reads an earlier pattern"),
        (
            ruleset(known("c0"), known("z0$not"), known("z1$not", {"value": {"z0$not": "value"}})),
            "an earlier pattern",
        ),
        (ruleset(known("c0"), known("c1", {"$lt": {"number": {"c0": "value"}}})), "joined with its like"),
        (
            ruleset(known("c0"), known("c1", {"number": {"$mul": {"$l": {"c0": "number"}, "$r": 2.5}}})),
            "products are not tested for equality",
        ),
        (
            ruleset(known("c0"), known("c1", {"$lt": {"number": {"$mul": {"$l": {"c0": "number"}, "$r": 2}}}})),
            "a product is value times double",
        ),
        (ruleset(known("c0", {"value": "x", "type": "y"})), "a test has one comparison"),
    ],
)
def test_everything_else_is_an_error(text: str, rule: str) -> None:
    with pytest.raises(EngineError, match=rule):
        check(text)

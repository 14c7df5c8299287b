from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from diagnose.core.errors import EngineError
from diagnose.engine.durable.compile import compile_rules
from diagnose.engine.durable.subset import MAX_PATTERNS
from diagnose.engine.plan import plan_all
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Reference, Rule, Test

MakeRule = Callable[..., Rule]

GATE = {"g": {"$and": [{"kind": "__GO__"}, {"$ex": {"one": 1.0}}]}}
TRUE = {"$gte": {"one": {"g": "one"}}}


def engine_rules(*rules: Rule) -> dict[str, list[Any]]:
    """The patterns of each engine rule, over all rulesets."""
    whole: dict[str, list[Any]] = {}
    for ruleset, _ in compile_rules(plan_all(rules)):
        whole |= {name: rule["all"] for name, rule in json.loads(ruleset).items()}
    assert whole.pop("__gate__", [GATE]) == [GATE]
    return whole


def aliases(patterns: list[dict[str, Any]]) -> list[str]:
    return [alias for pattern in patterns for alias in pattern]


def test_a_rule_with_everything(make_rule: MakeRule) -> None:
    rate = Condition("rate", EACH, (Test(Op.LT, 5e-06),), "rate")
    valid = Condition("width", "run", (), "valid")
    benign = Condition("benign", EACH, (Test(Op.IS, "yes"),), "benign")
    (patterns,) = engine_rules(make_rule("a", applies=(valid,), when=(rate,), unless=(benign,))).values()
    subject = {"subject": {"i": "subject"}}
    assert patterns == [
        GATE,
        {"i": {"$and": [{"kind": "tried"}, {"name": "a"}, TRUE]}},
        {
            "c0": {
                "$and": [
                    *({"kind": "known"}, {"name": "rate"}, {"type": "number"}, {"$lt": {"number": 5e-06}}),
                    *(subject, TRUE),
                ]
            }
        },
        {"c1": {"$and": [{"kind": "known"}, {"name": "width"}, {"subject": "run"}, TRUE]}},
        {"z0$not": {"$and": [{"kind": "known"}, {"name": "benign"}, {"value": "text:yes"}, subject, TRUE]}},
        {"z1$not": {"$and": [{"kind": "unknown"}, {"name": "benign"}, subject, TRUE]}},
    ]


def test_alternatives_multiply_into_variants(make_rule: MakeRule) -> None:
    either = AnyOf(tuple(Condition(name, "run", (), name) for name in "ab"))
    member = Condition("c", "run", (Test(Op.IN, (1, 2, 3)),), "c")
    variants = engine_rules(make_rule("a", when=(either, member)))
    assert list(variants) == [f"r0v{number}" for number in range(6)]
    assert {tuple(aliases(patterns)) for patterns in variants.values()} == {("g", "c0", "c2"), ("g", "c1", "c2")}


def test_a_rule_that_can_never_hold_has_no_variant(make_rule: MakeRule) -> None:
    never = Condition("a", "run", (Test(Op.LT, "text"),), "a")
    assert engine_rules(make_rule("a", when=(never,)), make_rule("b", when=(AnyOf(()),))) == {}


def test_an_absence_negates_every_way_to_hold_and_the_unknown(make_rule: MakeRule) -> None:
    member = Condition("a", "run", (Test(Op.IN, (1, 2)),), "a")
    never = Condition("b", "run", (Test(Op.IN, ()),), "b")
    (patterns,) = engine_rules(make_rule("a", unless=(member, never))).values()
    kinds = [[test["kind"] for test in body["$and"] if "kind" in test] for p in patterns[1:] for body in p.values()]
    assert aliases(patterns) == ["g", "z0$not", "z1$not", "z2$not", "z3$not"]
    assert kinds == [["known"], ["known"], ["unknown"], ["unknown"]]


def test_a_plain_condition_is_joined_as_it_is_and_comes_first(make_rule: MakeRule) -> None:
    low = Condition("low", "run", (Test(Op.LT, Reference("high")),), "low")
    high = Condition("high", "run", (), "high")
    (patterns,) = engine_rules(make_rule("a", when=(low, high))).values()
    assert aliases(patterns) == ["g", "c1", "c0"]


def test_other_targets_get_a_pattern_for_their_value(make_rule: MakeRule) -> None:
    first = Condition("a", "run", (Test(Op.LT, Reference("second")),), "first")
    second = Condition("b", "run", (Test(Op.GT, Reference("second", 0.5)),), "second")
    third = Condition("c", EACH, (Test(Op.GT, Reference("third", 2.0)),), "third")
    (patterns,) = engine_rules(make_rule("a", when=(first, second), unless=(third,))).values()
    assert aliases(patterns) == ["g", "i", "v0", "v1", "c0", "c1", "z0$not", "z1$not"]
    assert patterns[3] == {"v1": {"$and": [{"kind": "known"}, {"name": "c"}, {"subject": {"i": "subject"}}, TRUE]}}


def test_rulesets_stay_small_and_say_what_they_read(make_rule: MakeRule) -> None:
    rules = [make_rule(f"r{n:02d}", when=(Condition(f"f{n}", EACH, (), "a"),)) for n in range(40)]
    rulesets = list(compile_rules(plan_all(rules)))
    sizes = [sum(len(rule["all"]) for rule in json.loads(ruleset).values()) for ruleset, _ in rulesets]
    assert sizes == [MAX_PATTERNS, MAX_PATTERNS, MAX_PATTERNS, 4]
    assert rulesets[0][1] == {name for n in range(13) for name in (f"r{n:02d}", f"f{n}")}


@pytest.mark.parametrize(
    ("part", "count"),
    [("when", 16), ("unless", 20)],
)
def test_a_rule_too_large_for_the_engine_is_refused_by_its_id(make_rule: MakeRule, part: str, count: int) -> None:
    conditions = tuple(Condition(f"f{n}", "run", (), f"a{n}") for n in range(count))
    assert len(engine_rules(make_rule("large", **{part: conditions[1:]}))) == 1
    with pytest.raises(EngineError, match="rule large has more conditions than the engine takes"):
        engine_rules(make_rule("large", **{part: conditions}))


def test_a_rule_with_too_many_ways_to_hold_is_refused(make_rule: MakeRule) -> None:
    many = tuple(Condition(f"f{n}", "run", (Test(Op.IN, tuple(range(32))),), f"a{n}") for n in range(2))
    with pytest.raises(EngineError, match="rule wide can hold in more than 1000 ways"):
        engine_rules(make_rule("wide", when=many))

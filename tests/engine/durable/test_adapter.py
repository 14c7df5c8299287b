from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from diagnose.core.errors import EngineError
from diagnose.core.values import Fact, Quality
from diagnose.engine.durable import adapter
from diagnose.engine.durable.adapter import Load, fire
from diagnose.engine.memory import Memory
from diagnose.engine.plan import plan_all
from diagnose.rulebase.rule import EACH, Condition, Op, Rule, Test

MakeRule = Callable[..., Rule]

RATE = Condition("rate", EACH, (), "rate")
FACTS = [Fact("rate", "high", 1.0), Fact("rate", "low", None, quality=Quality.UNKNOWN), Fact("other", "run", 2.0)]


class Recorder:
    """A transport that keeps what it is sent and gives the answer it was made with."""

    def __init__(self, *answer: str) -> None:
        self.answer = list(answer)
        self.loads: list[Load] = []

    def __call__(self, loads: Iterable[Load]) -> list[str]:
        self.loads += loads
        return self.answer

    def messages(self) -> list[list[tuple[str, str, str, str]]]:
        wanted = ("kind", "name", "subject", "value")
        return [[tuple(json.loads(text)[name] for name in wanted) for text in texts] for _, texts in self.loads]


def test_a_ruleset_gets_what_its_rules_read_and_the_gate_last(make_rule: MakeRule) -> None:
    plans = plan_all([make_rule("a", when=(RATE,), unless=(Condition("absent", "run", (), "absent"),))])
    transport = Recorder()
    assert list(fire(plans, Memory(FACTS, frozenset()), transport)) == []
    assert transport.messages() == [
        [
            ("unknown", "absent", "run", "text:"),
            ("known", "rate", "high", "number:1.0"),
            ("unknown", "rate", "low", "text:"),
            ("tried", "a", "high", "text:"),
            ("tried", "a", "low", "text:"),
            ("__GO__", "", "", "text:"),
        ]
    ]


def test_each_ruleset_gets_its_own_share_only(make_rule: MakeRule) -> None:
    rules = [make_rule(f"r{n:02d}", when=(Condition(f"f{n}", "run", (), "a"),)) for n in range(30)]
    transport = Recorder()
    fire(plan_all(rules), Memory([], frozenset()), transport)
    shares = [{name for _, name, _, _ in messages[:-1]} for messages in transport.messages()]
    assert sorted(map(len, shares)) == [11, 19]
    assert not shares[0] & shares[1]


def test_rules_that_can_never_hold_do_not_trouble_the_engine(make_rule: MakeRule) -> None:
    never = Condition("rate", "high", (Test(Op.LT, "text"),), "never")

    def refuse(loads: Iterable[Load]) -> list[str]:
        raise AssertionError(loads)

    assert list(fire(plan_all([make_rule("a", when=(never,))]), Memory(FACTS, frozenset()), refuse)) == []


def test_matches_of_one_rule_and_subject_make_one_firing(make_rule: MakeRule) -> None:
    other = Condition("other", "run", (), "other")
    plans = plan_all([make_rule("a", when=(RATE, other))])
    held = {"g": {"id": "f5"}, "i": {"id": "f3", "subject": "high"}}
    matches = [
        json.dumps({f"r0v{n}": {**held, alias: {"id": id_}}}) for n, alias, id_ in ((0, "c1", "f0"), (1, "c0", "f1"))
    ]
    (firing,) = fire(plans, Memory(FACTS, frozenset()), Recorder(*matches))
    assert (firing.rule, firing.subject) == ("a", "high")
    assert firing.bound == (("rate", FACTS[0]), ("other", FACTS[2]))


@pytest.mark.parametrize(
    "answer",
    [
        "garbage",
        "[]",
        "{}",
        "3",
        '{"r0v0": {"g": {}}, "r0v1": {}}',
        '{"other": {"c0": {"id": "f0"}}}',
        '{"r7v0": {"c0": {"id": "f0"}}}',
        '{"r0v0": {"c0": {"id": "f99"}}}',
        '{"r0v0": {"c9": {"id": "f0"}}}',
        '{"r0v0": {"c0": {}}}',
        '{"r0v0": {"c0": 5}}',
    ],
)
def test_an_answer_that_is_no_match_is_an_error(make_rule: MakeRule, answer: str) -> None:
    plans = plan_all([make_rule("a", when=(RATE,))])
    with pytest.raises(EngineError, match="the engine answered what is no match"):
        list(fire(plans, Memory(FACTS, frozenset()), Recorder(answer)))


def test_more_facts_than_the_engine_was_tried_with_are_refused(
    make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "MAX_MESSAGES", 4)
    plans = plan_all([make_rule("a", when=(RATE,))])
    with pytest.raises(EngineError, match="the rules read more than 4 facts"):
        fire(plans, Memory(FACTS, frozenset()), Recorder())

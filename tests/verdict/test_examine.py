"""Why, or why not: each condition of a rule with what it read, what it asked, and how far it was from its limit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.values import Fact, Place, Quality, Scalar, Stage
from diagnose.engine.infer import infer
from diagnose.rulebase.rule import AnyOf, Condition, Op, Reference, Rule, Test
from diagnose.rulebase.walk import Role
from diagnose.verdict.examine import Examined, Grounds, Outcome, about, examine

AT = Place("metrics.jsonl", line=3)


def asks(fact: str, *tests: Test, subject: str = "run", alias: str = "") -> Condition:
    return Condition(fact, subject, tests, alias or fact.replace(".", "_"))


def known(name: str, value: Scalar | None, subject: str = "run") -> Fact:
    quality = Quality.UNKNOWN if value is None else Quality.EXACT
    return Fact(name, subject, value, quality=quality, places=(AT,))


def tried(rules: Sequence[Rule], *facts: Fact) -> dict[str, tuple[Examined, ...]]:
    grounds = Grounds(rules, facts, infer(rules, facts, engine="matcher"))
    return {rule.id: examine(rule, grounds) for rule in rules}


SMALL = replace(BLANK_RULE, id="A", when=(asks("log.a", Test(Op.LT, 4)),), derives=("symptom.small",))


@pytest.mark.parametrize(
    ("value", "outcome", "met", "gap", "share"),
    [(3, Outcome.FIRED, True, -1, 0.25), (4, Outcome.SILENT, False, 0, 0.0), (None, Outcome.GAP, None, None, None)],
)
def test_a_condition_says_how_far_it_is_from_its_limit(
    value: Scalar | None, outcome: Outcome, met: bool | None, gap: float | None, share: float | None
) -> None:
    [examined] = tried([SMALL], known("log.a", value))["A"]
    [state] = examined.conditions
    [asked] = state.asked
    assert (examined.outcome, state.met, state.value, state.role) == (outcome, met, value, Role.WHEN)
    assert (asked.limit, state.places, state.group) == (4, (AT,), None)
    if gap is None:
        assert asked.distance is None
    else:
        assert asked.distance is not None
        assert (asked.distance.gap, asked.distance.share) == (gap, share)


def test_a_fact_that_the_run_does_not_have_is_unknown() -> None:
    [examined] = tried([SMALL])["A"]
    [state] = examined.conditions
    assert (examined.outcome, state.reads, state.value, state.places, state.met) == (Outcome.GAP, None, None, (), None)


def test_of_a_limit_of_zero_there_is_no_share_and_a_text_has_no_distance() -> None:
    rule = replace(SMALL, when=(asks("log.a", Test(Op.LT, 0)), asks("log.b", Test(Op.IS, "x"))))
    [examined] = tried([rule], known("log.a", -2), known("log.b", "x"))["A"]
    number, text = (state.asked[0].distance for state in examined.conditions)
    assert number is not None
    assert (number.gap, number.share, text) == (-2, None, None)


def test_a_limit_may_be_another_value_times_a_number() -> None:
    low, high = asks("log.low", alias="low"), asks("log.high", Test(Op.GT, Reference("low", 3)))
    rule = replace(BLANK_RULE, id="A", when=(low, high))
    [examined] = tried([rule], known("log.low", 2), known("log.high", 7))["A"]
    assert [asked.limit for state in examined.conditions for asked in state.asked] == [6]
    assert examined.outcome is Outcome.FIRED
    [examined] = tried([rule], known("log.low", None), known("log.high", 7))["A"]
    [asked] = examined.conditions[1].asked
    assert (asked.limit, asked.distance, examined.conditions[1].met) == (None, None, None)


def test_what_must_not_hold_is_met_where_it_does_not() -> None:
    rule = replace(SMALL, unless=(asks("log.b", Test(Op.IS, operand=True)),))
    for value, met, outcome in ((False, True, Outcome.FIRED), (True, False, Outcome.SILENT), (None, None, Outcome.GAP)):
        [examined] = tried([rule], known("log.a", 3), known("log.b", value))["A"]
        assert (examined.conditions[-1].met, examined.conditions[-1].role, examined.outcome) == (
            met,
            Role.UNLESS,
            outcome,
        )


def test_alternatives_say_to_which_any_they_belong() -> None:
    either = AnyOf((asks("log.a", Test(Op.LT, 4)), asks("log.b", Test(Op.IS, operand=True))))
    [examined] = tried(
        [replace(SMALL, when=(asks("log.c"), either))], *map(known, ("log.a", "log.b", "log.c"), (5, True, 1))
    )["A"]
    assert [(state.group, state.met) for state in examined.conditions] == [(None, True), (1, False), (1, True)]


def test_outside_its_validity_a_rule_is_not_judged() -> None:
    rule = replace(SMALL, applies=(asks("run.plain", Test(Op.IS, operand=True)),))
    [examined] = tried([rule], known("log.a", 3), known("run.plain", value=False))["A"]
    assert examined.outcome is Outcome.OUT_OF_RANGE


READER = replace(BLANK_RULE, id="B", stage=Stage.CAUSE, when=(asks("symptom.small", Test(Op.IS, operand=True)),))
OTHER = replace(SMALL, id="C", when=(asks("log.b", Test(Op.LT, 4)),))


def behind(*facts: Fact) -> list[tuple[str, Outcome]]:
    [examined] = tried([SMALL, OTHER, READER], *facts)["B"]
    [state] = examined.conditions
    return [(each.rule.id, each.outcome) for each in state.behind]


def test_behind_a_conclusion_stand_the_rules_that_drew_it_or_all_that_could_have() -> None:
    assert behind(known("log.a", 3), known("log.b", 9)) == [("A", Outcome.FIRED)]
    assert behind(known("log.a", 9), known("log.b", 9)) == [("A", Outcome.SILENT), ("C", Outcome.SILENT)]
    assert behind(known("log.a", 9), known("log.b", None)) == [("A", Outcome.SILENT), ("C", Outcome.GAP)]


def test_a_conclusion_of_one_subject_rests_on_what_fired_for_it() -> None:
    each = replace(SMALL, when=(asks("log.a", Test(Op.LT, 4), subject="each"),))
    reader = replace(READER, when=(asks("symptom.small", Test(Op.IS, operand=True), subject="high"),))
    [examined] = tried([each, reader], known("log.a", 3, "high"), known("log.a", 2, "low"))["B"]
    [state] = examined.conditions
    assert [(found.subject, found.outcome) for found in state.behind] == [("high", Outcome.FIRED)]
    assert state.subject == "high"


def test_each_stands_for_the_subject_that_is_tried() -> None:
    assert about(asks("log.a", subject="each"), "low") == "low"
    assert about(asks("log.a", subject="high"), "low") == "high"


def test_grounds_name_facts_by_subject() -> None:
    facts = [known("log.a", 3, "low"), known("log.a", 2, "high"), known("log.b", 1)]
    grounds = Grounds([SMALL], facts, infer([SMALL], facts, engine="matcher"))
    assert grounds.subjects("log.a") == ("high", "low")
    assert [fact.value for fact in grounds.named("log.a")] == [2, 3]
    assert grounds.behind("symptom.small") == (SMALL,)
    assert grounds.behind("symptom.other") == ()


def test_a_conclusion_that_is_open_for_every_subject_is_open_for_one() -> None:
    each = replace(SMALL, when=(asks("log.a", Test(Op.LT, 4), subject="each"),))
    reader = replace(READER, when=(asks("symptom.small", Test(Op.IS, operand=True), subject="high"),))
    for facts in ((), (known("log.a", None, "high"),)):
        [examined] = tried([each, reader], *facts)["B"]
        assert examined.outcome is Outcome.GAP
        assert examined.conditions[0].met is None

"""A rule for a pair of runs: what it asks of a training, it asks of one and the same."""

from __future__ import annotations

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.values import Fact, Scalar, Stage
from diagnose.engine.infer import infer
from diagnose.rulebase.fact_declarations import FactDeclaration, FactType, SubjectKind
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Reference, Rule, Shown, Test
from diagnose.verdict.per_training import per_training

BOTH = ("high", "low")
KINDS = {
    "config.steps": SubjectKind.TRAINING,
    "run.crashed": SubjectKind.TRAINING,
    "weights.ratio": SubjectKind.RUN,
    "weights.magnitude": SubjectKind.EXPERT,
    "config.unknown_key": SubjectKind.KEY,
}
DECLARED = {name: FactDeclaration(name, FactType.NUMBER, "", kind, "", "") for name, kind in KINDS.items()}


def asks(fact: str, op: Op, operand: Scalar | Reference, subject: str = "run", alias: str = "") -> Condition:
    return Condition(fact, subject, (Test(op, operand),), alias or f"{fact}_{subject}".replace(".", "_"))


LONG = asks("config.steps", Op.GT, 1000)
CRASHED = asks("run.crashed", Op.IS, operand=True)


def rule(*when: Condition | AnyOf, id_: str = "A", stage: Stage = Stage.SYMPTOM, **changes: object) -> Rule:
    return replace(BLANK_RULE, id=id_, name=id_.lower(), stage=stage, when=when, **changes)


def fired(rules: list[Rule], facts: dict[tuple[str, str], Scalar]) -> list[tuple[str, str]]:
    known = [Fact(name, subject, value) for (name, subject), value in facts.items()]
    found = infer(per_training(rules, DECLARED, BOTH), known, engine="matcher").firings
    return [(each.rule, each.subject) for each in found]


def test_a_rule_about_a_training_fires_for_the_right_one() -> None:
    facts: dict[tuple[str, str], Scalar] = {("config.steps", "high"): 2000, ("config.steps", "low"): 500}
    assert fired([rule(LONG)], facts) == [("A", "high")]


def test_its_conditions_hold_of_the_same_training() -> None:
    facts: dict[tuple[str, str], Scalar] = {
        ("config.steps", "high"): 2000,
        ("run.crashed", "high"): False,
        ("config.steps", "low"): 500,
        ("run.crashed", "low"): True,
    }
    both = rule(LONG, CRASHED)
    assert fired([both], facts) == []
    assert fired([both], {**facts, ("run.crashed", "high"): True}) == [("A", "high")]
    assert fired([replace(rule(LONG), unless=(CRASHED,))], facts) == [("A", "high")]


def test_the_training_of_an_expert_that_is_named() -> None:
    weak = asks("weights.magnitude", Op.LT, 0.01, "low")
    facts: dict[tuple[str, str], Scalar] = {
        ("config.steps", "high"): 2000,
        ("config.steps", "low"): 500,
        ("weights.magnitude", "low"): 0.001,
    }
    assert fired([rule(LONG, weak)], facts) == []
    assert fired([rule(LONG, weak)], {**facts, ("config.steps", "low"): 2000}) == [("A", "run")]


def test_the_trainings_of_all_experts_that_are_named() -> None:
    weaker = [asks("weights.magnitude", Op.LT, 1, each) for each in BOTH]
    facts: dict[tuple[str, str], Scalar] = {("weights.magnitude", each): 0.1 for each in BOTH}
    facts |= {("config.steps", "high"): 2000, ("config.steps", "low"): 500}
    either = AnyOf((LONG, CRASHED))
    for clause in (LONG, either):
        assert fired([rule(clause, *weaker)], {**facts, ("run.crashed", "low"): False}) == []
    assert fired([rule(either, *weaker)], {**facts, ("run.crashed", "low"): True}) == [("A", "run")]
    as_long = asks("config.steps", Op.GE, Reference("steps"), alias="again")
    own = replace(LONG, alias="steps")
    assert fired([rule(own, as_long, *weaker)], {**facts, ("config.steps", "low"): 1500}) == [("A", "run")]


def test_each_expert_goes_with_its_own_training() -> None:
    weak = asks("weights.magnitude", Op.LT, 0.01, EACH)
    facts: dict[tuple[str, str], Scalar] = {("weights.magnitude", each): 0.001 for each in BOTH}
    facts |= {("config.steps", "high"): 500, ("config.steps", "low"): 2000}
    assert fired([rule(LONG, weak)], facts) == [("A", "low")]


def test_a_conclusion_stays_with_its_training() -> None:
    first = rule(LONG, derives=("symptom.long",))
    later = rule(asks("symptom.long", Op.IS, operand=True), CRASHED, id_="B", stage=Stage.CAUSE)
    facts: dict[tuple[str, str], Scalar] = {
        ("config.steps", "high"): 2000,
        ("run.crashed", "high"): False,
        ("config.steps", "low"): 500,
        ("run.crashed", "low"): True,
    }
    assert fired([first, later], facts) == [("A", "high")]
    assert fired([first, later], {**facts, ("run.crashed", "high"): True}) == [("A", "high"), ("B", "high")]


@pytest.mark.parametrize("each", [asks("weights.ratio", Op.LT, 1), asks("weights.magnitude", Op.LT, 1, EACH)])
def test_what_asks_nothing_of_a_training_stays_as_it_is(each: Condition) -> None:
    own = rule(each)
    assert per_training([own], DECLARED, BOTH) == (own,)


def test_of_a_key_nobody_knows_the_training() -> None:
    of_key = rule(asks("config.unknown_key", Op.IS, "a word", EACH), LONG)
    assert per_training([of_key], DECLARED, BOTH) == (of_key,)
    facts: dict[tuple[str, str], Scalar] = {("config.unknown_key", "train.x"): "a word", ("config.steps", "low"): 2000}
    assert fired([of_key], facts) == []


def test_what_is_shown_is_of_the_same_training() -> None:
    (own,) = per_training(
        [rule(LONG, show=(Shown("run.crashed", "run"), Shown("weights.ratio", "run")))], DECLARED, BOTH
    )
    assert [each.subject for each in own.show] == [EACH, "run"]

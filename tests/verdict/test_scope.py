"""Before a run nobody is asked for what only a run can give, and no rule about one counts as passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from blank_rule import BLANK_RULE
from builders import reading
from msgspec.structs import replace
from trainer_names import BOTH

from diagnose import Report, preflight
from diagnose.api import understand
from diagnose.core.values import Fact, Intent, Scalar, Stage
from diagnose.engine.infer import infer
from diagnose.rulebase.fact_declarations import FactDeclaration, FactType, SubjectKind
from diagnose.rulebase.rule import (
    EACH,
    AnyOf,
    Applicability,
    ChangeOp,
    ChangeSpec,
    Condition,
    Op,
    Param,
    Reference,
    Rule,
    Shown,
    Test,
)
from diagnose.settings import Settings, rule_base
from diagnose.verdict.scope import (
    PREVIEWED,
    is_about_a_run,
    is_another_model,
    is_scope,
    left_out,
    needs_a_run,
    per_training,
    scoped,
    waiting_for_a_run,
)

RULES = {rule.name: rule for rule in rule_base(Settings()).rules}


@pytest.mark.parametrize(
    ("rule", "lacking", "expected"),
    [
        ("weight-ratio-too-low", ["weights.ratio"], True),
        ("per-expert-lr-not-in-effect", ["effective.per_expert_keys"], False),
        ("lr-not-adapting", ["effective.lr_adapts", "log.lr_frozen"], False),  # one of them is enough
        ("rates-stand-against-settings", ["effective.lr_moves", "log.lr_frozen"], True),  # both are needed
    ],
)
def test_what_only_a_run_can_give(rule: str, lacking: list[str], expected: bool) -> None:
    assert needs_a_run(RULES[rule], lacking) is expected


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A config that does not show its trainer."""
    reading(tmp_path, train={"optimizer": "adamw", "lr": 1e-4, "steps": 2000}, model={"arch": "wan22_14b_i2v"})
    return preflight(tmp_path / "config.yaml")


def test_rules_about_log_and_weights_are_neither_passed_nor_waiting(report: Report) -> None:
    names = {each.name for each in report.passed} | {each.name for each in report.not_evaluated}
    assert not names & {
        "rates-move-against-settings",
        "rate-moves-too-fast",
        "expert-steps-missing",
        "rank-differs-from-config",
    }
    assert not names & {"lr-pinned-at-bound", "alpha-phase-held-by-loss-variation"}


def test_nobody_is_asked_for_a_log_or_checkpoints(report: Report) -> None:
    asked = {need for each in report.not_evaluated for need in each.needs}
    assert asked
    assert not [need for need in asked if any(word in need for word in ("log", "checkpoint", "console", "metrics"))]
    names = {each.name for each in report.not_evaluated}
    assert not names & {"training-diverged", "config-and-run-disagree", "ended-before-a-save"}


def test_rules_that_the_trainer_decides_still_wait(report: Report) -> None:
    assert "wrong-boundary" in {each.name for each in report.not_evaluated}


def test_intent_and_trainer_of_a_rule_are_conditions_of_its_range() -> None:
    applies = scoped(RULES["alpha-phase-criteria-too-strict"], BOTH).applies
    assert [condition.fact for condition in applies] == ["run.trainer"]
    assert scoped(RULES["training-crashed"], BOTH).applies == RULES["training-crashed"].applies


def applies(**fields: Any) -> set[str]:
    return {condition.fact for condition in scoped(replace(BLANK_RULE, intents=tuple(Intent), **fields), BOTH).applies}


def test_a_rule_about_every_trainer_that_may_have_written_the_run_does_not_ask_which() -> None:
    assert applies(trainers=("any",)) == set()
    assert applies(trainers=tuple(BOTH)) == set()
    assert applies(trainers=(*BOTH, "another")) == set()
    assert applies(trainers=(BOTH[0],)) == {"run.trainer"}


def test_a_figure_of_the_document_holds_for_its_model_alone() -> None:
    change = ChangeSpec("steps", ChangeOp.SET, "so", Applicability.SAFE, value=1)
    param = Param("limit", 1, "", "arithmetic", None)
    assert applies(trainers=("any",), changes=(change,), params=(param,)) == set()
    assert applies(trainers=("any",), changes=(replace(change, recipe="steps"),)) == {"run.another_model"}
    assert applies(trainers=("any",), params=(param, replace(param, source="WGT-02, and more"))) == {
        "run.another_model"
    }


@pytest.mark.parametrize("value", [True, False, None])
@pytest.mark.usefixtures("report")
def test_only_what_is_known_to_be_another_model_is_one(value: bool | None, tmp_path: Path) -> None:
    known = understand(tmp_path / "config.yaml").known
    facts = [fact for fact in known.facts if fact.name != "run.another_model"]
    said = [Fact("run.another_model", "run", value)] if value is not None else []
    assert is_another_model(replace(known, facts=(*facts, *said))) is (value is True)


@pytest.mark.parametrize(("value", "expected"), [("high", "high"), ("none", None), (None, None)])
@pytest.mark.usefixtures("report")
def test_the_expert_that_is_left_out(value: str | None, expected: str | None, tmp_path: Path) -> None:
    known = understand(tmp_path / "config.yaml").known
    facts = [fact for fact in known.facts if fact.name != "experts.switched_off"]
    said = [Fact("experts.switched_off", "run", value)] if value is not None else []
    assert left_out(replace(known, facts=(*facts, *said)), ("high", "low")) == expected


def test_a_conclusion_waits_where_every_rule_that_draws_it_does() -> None:
    one = replace(BLANK_RULE, id="A", derives=("symptom.x",), when=(asks("log.loss_mean"),))
    other = replace(one, id="B", when=(asks("config.optimizer"),))
    reader = replace(BLANK_RULE, id="C", stage=Stage.CAUSE, when=(asks("symptom.x"),))
    rules = {rule.id: rule for rule in (one, other, reader)}
    lacking = {"A": ["log.loss_mean"], "C": ["symptom.x"]}
    assert waiting_for_a_run(lacking, rules) == {"A", "C"}
    assert waiting_for_a_run({**lacking, "B": ["config.optimizer"]}, rules) == {"A"}


def test_before_a_run_one_of_two_ways_is_enough_to_be_judged() -> None:
    either = AnyOf((asks("log.loss_mean"), asks("config.optimizer")))
    both = AnyOf((asks("log.loss_mean"), asks("weights.magnitude")))
    unknown = {"log.loss_mean", "weights.magnitude"}
    assert not is_about_a_run(replace(BLANK_RULE, when=(either,)), unknown)
    assert is_about_a_run(replace(BLANK_RULE, when=(both,)), unknown)
    assert is_about_a_run(replace(BLANK_RULE, when=(asks("log.loss_mean"),)), unknown)
    assert not is_about_a_run(replace(BLANK_RULE, when=(asks("log.loss_mean"),)), ())


def asks(fact: str) -> Condition:
    return Condition(fact, "run", (), fact)


EXPERTS = ("high", "low")
KINDS = {
    "config.steps": SubjectKind.TRAINING,
    "run.crashed": SubjectKind.TRAINING,
    "weights.ratio": SubjectKind.RUN,
    "weights.magnitude": SubjectKind.EXPERT,
    "config.unknown_key": SubjectKind.KEY,
}
DECLARED = {name: FactDeclaration(name, FactType.NUMBER, "", kind, "", "") for name, kind in KINDS.items()}


def asks_per_training(
    fact: str, op: Op, operand: Scalar | Reference, subject: str = "run", alias: str = ""
) -> Condition:
    return Condition(fact, subject, (Test(op, operand),), alias or f"{fact}_{subject}".replace(".", "_"))


LONG = asks_per_training("config.steps", Op.GT, 1000)
CRASHED = asks_per_training("run.crashed", Op.IS, operand=True)


def rule(*when: Condition | AnyOf, id_: str = "A", stage: Stage = Stage.SYMPTOM, **changes: object) -> Rule:
    return replace(BLANK_RULE, id=id_, name=id_.lower(), stage=stage, when=when, **changes)


def fired(rules: list[Rule], facts: dict[tuple[str, str], Scalar]) -> list[tuple[str, str]]:
    known = [Fact(name, subject, value) for (name, subject), value in facts.items()]
    found = infer(per_training(rules, DECLARED, EXPERTS), known, engine="matcher").firings
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
    weak = asks_per_training("weights.magnitude", Op.LT, 0.01, "low")
    facts: dict[tuple[str, str], Scalar] = {
        ("config.steps", "high"): 2000,
        ("config.steps", "low"): 500,
        ("weights.magnitude", "low"): 0.001,
    }
    assert fired([rule(LONG, weak)], facts) == []
    assert fired([rule(LONG, weak)], {**facts, ("config.steps", "low"): 2000}) == [("A", "run")]


def test_the_trainings_of_all_experts_that_are_named() -> None:
    weaker = [asks_per_training("weights.magnitude", Op.LT, 1, each) for each in EXPERTS]
    facts: dict[tuple[str, str], Scalar] = {("weights.magnitude", each): 0.1 for each in EXPERTS}
    facts |= {("config.steps", "high"): 2000, ("config.steps", "low"): 500}
    either = AnyOf((LONG, CRASHED))
    for clause in (LONG, either):
        assert fired([rule(clause, *weaker)], {**facts, ("run.crashed", "low"): False}) == []
    assert fired([rule(either, *weaker)], {**facts, ("run.crashed", "low"): True}) == [("A", "run")]
    as_long = asks_per_training("config.steps", Op.GE, Reference("steps"), alias="again")
    own = replace(LONG, alias="steps")
    assert fired([rule(own, as_long, *weaker)], {**facts, ("config.steps", "low"): 1500}) == [("A", "run")]


def test_each_expert_goes_with_its_own_training() -> None:
    weak = asks_per_training("weights.magnitude", Op.LT, 0.01, EACH)
    facts: dict[tuple[str, str], Scalar] = {("weights.magnitude", each): 0.001 for each in EXPERTS}
    facts |= {("config.steps", "high"): 500, ("config.steps", "low"): 2000}
    assert fired([rule(LONG, weak)], facts) == [("A", "low")]


def test_a_conclusion_stays_with_its_training() -> None:
    first = rule(LONG, derives=("symptom.long",))
    later = rule(asks_per_training("symptom.long", Op.IS, operand=True), CRASHED, id_="B", stage=Stage.CAUSE)
    facts: dict[tuple[str, str], Scalar] = {
        ("config.steps", "high"): 2000,
        ("run.crashed", "high"): False,
        ("config.steps", "low"): 500,
        ("run.crashed", "low"): True,
    }
    assert fired([first, later], facts) == [("A", "high")]
    assert fired([first, later], {**facts, ("run.crashed", "high"): True}) == [("A", "high"), ("B", "high")]


@pytest.mark.parametrize(
    "each", [asks_per_training("weights.ratio", Op.LT, 1), asks_per_training("weights.magnitude", Op.LT, 1, EACH)]
)
def test_what_asks_nothing_of_a_training_stays_as_it_is(each: Condition) -> None:
    own = rule(each)
    assert per_training([own], DECLARED, EXPERTS) == (own,)


def test_of_a_key_nobody_knows_the_training() -> None:
    of_key = rule(asks_per_training("config.unknown_key", Op.IS, "a word", EACH), LONG)
    assert per_training([of_key], DECLARED, EXPERTS) == (of_key,)
    facts: dict[tuple[str, str], Scalar] = {("config.unknown_key", "train.x"): "a word", ("config.steps", "low"): 2000}
    assert fired([of_key], facts) == []


def test_what_is_shown_is_of_the_same_training() -> None:
    (own,) = per_training(
        [rule(LONG, show=(Shown("run.crashed", "run"), Shown("weights.ratio", "run")))], DECLARED, EXPERTS
    )
    assert [each.subject for each in own.show] == [EACH, "run"]


def test_a_run_without_previews_hears_nothing_of_rules_about_the_motion() -> None:
    about = [rule for rule in rule_base(Settings()).rules if rule.id.startswith("MOT")]
    assert about
    assert is_scope(PREVIEWED)
    assert all(any(each.fact == PREVIEWED for each in rule.applies) for rule in about)

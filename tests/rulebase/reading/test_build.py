from __future__ import annotations

import pytest
from sound_base import Change, FaultsOf, FileOf
from trainer_names import RELAXIS

from diagnose.core.values import Confidence, Intent, Severity, Stage
from diagnose.rulebase.domain import ANY
from diagnose.rulebase.reading.build import default_alias
from diagnose.rulebase.rule import (
    EACH,
    AnyOf,
    Applicability,
    Case,
    ChangeOp,
    ChangeSpec,
    Condition,
    Grade,
    Op,
    Param,
    Reference,
    Shown,
    Test,
)

FAR = Param("far_too_small", 0.004, "", "half of WGT-01", None)
RATIO = Param("lr_ratio_min", 3, "", "CFG-05, CASE-03", 1)
MAGNITUDE = Param("high_magnitude_min", 0.008, "", "WGT-01", 1)


def test_a_rule_is_what_its_file_says(file_of: FileOf) -> None:
    rule = file_of("symptom").rule
    assert (rule.id, rule.name, rule.title) == (
        "WGT001",
        "high-noise-too-weak",
        "The high-noise expert is too weak",
    )
    assert (rule.stage, rule.status, rule.since) == (Stage.SYMPTOM, "test", "0.1.0")
    assert (rule.intents, rule.trainers) == ((Intent.MOTION,), (ANY,))
    assert (rule.severity, rule.confidence) == (Severity.MAJOR, Confidence.MEDIUM)
    assert rule.grades == (Grade(Severity.CRITICAL, "magnitude_high", Test(Op.LT, 0.004, "far_too_small")),)
    assert rule.why == "Small weights draw no motion."
    assert rule.known_problems == ("An early checkpoint is always weak.",)
    assert rule.claims == ("WGT-01",)
    assert rule.applies == (Condition("weights.kind", "run", (Test(Op.IS, "lora"),), "kind"),)
    assert rule.when == (
        Condition("weights.magnitude", "high", (Test(Op.LT, 0.008, "high_magnitude_min"),), "magnitude_high"),
        Condition("weights.magnitude", "low", (Test(Op.GT, Reference("magnitude_high", 0.5)),), "magnitude_low"),
        AnyOf(
            (
                Condition("lr.ratio", "run", (Test(Op.LT, 3, "lr_ratio_min"),), "ratio"),
                Condition("run.steps", "run", (Test(Op.GE, 2000),), "steps"),
            )
        ),
    )
    assert rule.unless == (Condition("run.paused", "run", (Test(Op.IS, operand=True),), "paused"),)
    assert rule.derives == ("symptom.high_noise_too_weak",)
    assert rule.changes == (ChangeSpec("bump", ChangeOp.SET, "faster", Applicability.REVIEW, recipe="bump"),)


def test_a_rule_carries_every_parameter_it_uses(file_of: FileOf) -> None:
    assert file_of("symptom").rule.params == (FAR, MAGNITUDE, RATIO)
    assert file_of("cause").rule.params == ()


def test_any_intent_is_every_intent(file_of: FileOf) -> None:
    rule = file_of("cause").rule
    assert rule.intents == tuple(Intent)
    assert rule.trainers == (RELAXIS,)


def test_to_name_a_conclusion_is_to_ask_whether_it_holds(file_of: FileOf) -> None:
    condition, size = file_of("cause").rule.when
    assert condition == Condition(
        "symptom.high_noise_too_weak", "run", (Test(Op.IS, operand=True),), "high_noise_too_weak"
    )
    assert size == Condition("weights.magnitude", EACH, (Test(Op.LE, 0.01), Test(Op.GT, 0.001)), "size")


def test_a_change_writes_the_value_of_its_parameter(file_of: FileOf) -> None:
    [change] = file_of("remedy").rule.changes
    assert change.value == 3


def test_a_case_is_what_the_file_says(file_of: FileOf) -> None:
    first, *_, unknown = file_of("cause").rule.cases
    given = (
        ("symptom.high_noise_too_weak", "run", True),
        ("weights.magnitude", "high", 0.01),
        ("weights.magnitude", "low", 0.02),
    )
    message = "The high-noise expert has 0.01."
    assert first == Case("fires", given, fires=True, subjects=("high",), message=message, severity=None, missing=())
    assert unknown.given[1] == ("weights.magnitude", "high", None)
    assert unknown.missing == ("weights.magnitude",)


@pytest.mark.parametrize(
    ("fact", "subject", "alias"),
    [
        ("lr.ratio", "run", "ratio"),
        ("weights.magnitude", "high", "magnitude_high"),
        ("weights.magnitude", EACH, "magnitude_each"),
        ("config.weighting", "train.min_SNR", "weighting_train_min_snr"),
        ("steps", "run", "steps"),
    ],
)
def test_an_alias_that_is_not_given_is_made(fact: str, subject: str, alias: str) -> None:
    assert default_alias(fact, subject) == alias


def test_a_made_alias_makes_way_where_nothing_can_name_it(file_of: FileOf) -> None:
    rule = file_of(
        "symptom", "unless:\n", "unless:\n  - {fact: run.steps, lt: 5}\n  - {fact: weights.kind, is: x}\n"
    ).rule
    assert [condition.alias for condition in rule.unless] == ["steps_2", "kind_2", "paused"]


def test_a_list_may_hold_parameters(file_of: FileOf) -> None:
    rule = file_of("symptom", "lr.ratio, lt: $lr_ratio_min", "lr.ratio, in: [1, $lr_ratio_min]").rule
    clause = rule.when[2]
    assert isinstance(clause, AnyOf)
    assert clause.alternatives[0].tests == (Test(Op.IN, (1, 3)),)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lt: $high_magnitude_min}", "lt: $high_magnitud_min}", "21: when[0].lt: there is no parameter high_magnitud_min; did you mean high_magnitude_min?"),
        ("lt: $lr_ratio_min}", "in: [1, $x]}", "24: when[2].any[0].in: there is no parameter x"),
        ("recipe: bump", "value: $steps", "31: changes[0].value: there is no parameter steps"),
        ("lt: $far_too_small", "lt: 0.004", "17: params.far_too_small: nothing in the rule uses it"),
    ],
)  # fmt: skip
def test_every_parameter_exists_and_is_used(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert faults_of("symptom", old, new) == [f"symptom:{expected}"]


def test_a_shared_parameter_cannot_be_shadowed(change: Change, faults_of: FaultsOf) -> None:
    change("symptom", "lt: $far_too_small", "lt: $lr_ratio_min")
    change("symptom", "lr.ratio: 3,", "lr.ratio: 0.004,")
    expected = "symptom:17: params.lr_ratio_min: this is a shared parameter; use that, or take another name"
    assert faults_of("symptom", "far_too_small: {", "lr_ratio_min: {") == [expected]


def test_what_is_shown_is_no_condition(file_of: FileOf) -> None:
    end = "derives: [symptom.high_noise_too_weak]"
    rule = file_of("symptom", end, f"show:\n  - {{fact: run.steps}}\n  - {{fact: lr.ratio, of: run}}\n{end}").rule
    assert rule.show == (Shown("run.steps", "run"), Shown("lr.ratio", "run"))
    assert len(rule.when) == 3


def test_a_rule_may_rest_on_something_else_than_the_document(file_of: FileOf) -> None:
    rule = file_of("symptom", "claims: [WGT-01]\n", "claims: []\nsources: train.py:12 stops there\n").rule
    assert (rule.claims, rule.sources) == ((), ("train.py:12 stops there",))

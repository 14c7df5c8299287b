from __future__ import annotations

import pytest
from sound_base import FaultsOf

STAGE_FAULTS = [
    ("symptom", "severity: major\ngrades", "grades", "4: stage: a symptom needs a severity"),
    ("cause", 'message: "The {subject}-noise expert has {size}."\n', "", "4: stage: a cause needs a message"),
    ("cause", "derives: [cause.", "derives: [symptom.", "18: derives[0]: a cause derives cause.NAME or what comes later, not symptom.out_of_balance"),
    ("cause", "severity: minor\n", "severity: good\nchanges: [{op: advise, because: x, applicability: manual}]\n", "10: changes: what is good needs no change"),
    ("cause", "fact: symptom.high_noise_too_weak}", "fact: cause.out_of_balance, of: each}", "15: when[0].fact: a cause reads conclusions of earlier stages only, not cause.out_of_balance"),
    ("symptom", "fact: run.paused, is", "fact: symptom.high_noise_too_weak, is", "27: unless[0].fact: a symptom reads conclusions of earlier stages only, not symptom.high_noise_too_weak"),
    ("remedy", "confidence: high", "confidence: high\nseverity: minor", "8: severity: a remedy words no finding, so it has no severity"),
    ("remedy", "confidence: high", "confidence: high\ngrades: [{severity: minor, of: out_of_balance_each, is: true}]", "8: grades: a remedy words no finding, so it has no grades"),
    ("remedy", "confidence: high", "confidence: high\nderives: [cause.x]", "8: derives: a remedy is the last stage; nobody could read what it derives"),
    ("remedy", "changes:\n  - {setting: steps, op: set, value: $lr_ratio_min, because: enough, applicability: safe}\n", "", "4: stage: a remedy needs changes"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), STAGE_FAULTS, ids=[fault[3] for fault in STAGE_FAULTS])
def test_a_rule_has_what_its_stage_asks_for(faults_of: FaultsOf, part: str, old: str, new: str, expected: str) -> None:
    assert f"{part}:{expected}" in faults_of(part, old, new)


NONE = "no earlier condition has the alias"
ALIAS_FAULTS = [
    ("ref: magnitude_high", "ref: magnitude_low", f"22: when[1].gt: {NONE} magnitude_low; did you mean magnitude_high?"),
    ("ref: magnitude_high", "ref: steps", f"22: when[1].gt: {NONE} steps; there are kind, magnitude_high"),
    ("is: lora}\n", "is: {ref: kind}}\n", f"19: applies[0].is: {NONE} kind; there are none"),
    ("of: magnitude_high, lt", "of: steps, lt", f"10: grades[0].of: {NONE} steps; there are kind, magnitude_high, magnitude_low"),
    ("lt: $far_too_small}", "lt: {ref: ratio}}", f"10: grades[0].lt: {NONE} ratio; there are kind, magnitude_high, magnitude_low"),
    ("recipe: bump", "fact: paused", f"31: changes[0].fact: {NONE} paused; there are kind, magnitude_high, magnitude_low"),
    ("is: lora}\n", "is: lora, as: subject}\n", "19: applies[0].as: the alias subject is taken; give another with `as`"),
    ("is: lora}\n", "is: lora}\n  - {fact: weights.kind, is_not: lokr}\n", "20: applies[1].as: the alias kind is taken; give another with `as`"),
    ("  - {fact: run.paused, is: true}", "  - {fact: run.steps, lt: {ref: ratio}}", f"27: unless[0].lt: {NONE} ratio; there are kind, magnitude_high, magnitude_low"),
    ("ge: 2000}", "ge: 2000, as: kind}", "25: when[2].any[1].as: the alias kind is taken; give another with `as`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), ALIAS_FAULTS, ids=[new for _, new, _ in ALIAS_FAULTS])
def test_an_alias_is_bound_once_and_before_its_use(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert f"symptom:{expected}" in faults_of("symptom", old, new)


def test_conditions_nothing_can_name_need_no_alias(faults_of: FaultsOf) -> None:
    again = "  - any:\n      - {fact: run.steps, ge: 2000}\n      - {fact: weights.kind, is: lora}\n"
    assert faults_of("symptom", "unless:\n", f"{again}unless:\n") == []


IMPOSSIBLE = [
    ("gt: 0.001, le: 0.01", "gt: 0.02, le: 0.01", "<= 0.01 and > 0.02"),
    ("gt: 0.001, le: 0.01", "gt: 0.01, le: 0.01", "<= 0.01 and > 0.01"),
    ("gt: 0.001, le: 0.01", "ge: 0.01, le: 0.01, is_not: 0.01", "is not 0.01 and <= 0.01 and >= 0.01"),
    ("gt: 0.001, le: 0.01", "is: 1, in: [2, 3]", "is 1 and is one of 2, 3"),
    ("gt: 0.001, le: 0.01", "in: [1, 2], gt: 2", "is one of 1, 2 and > 2"),
    ("gt: 0.001, le: 0.01", "is: 1, is_not: 1", "is 1 and is not 1"),
]
POSSIBLE = ["ge: 0.01, le: 0.01", "gt: 0.001, is_not: 3", "in: [1, 2], gt: 1", "is_not: 1, lt: 2", "is: 1, le: 1"]


@pytest.mark.parametrize(("old", "new", "said"), IMPOSSIBLE, ids=[new for _, new, _ in IMPOSSIBLE])
def test_a_condition_no_value_meets_is_a_fault(faults_of: FaultsOf, old: str, new: str, said: str) -> None:
    assert f"cause:16: when[1]: no value of weights.magnitude can be {said}" in faults_of("cause", old, new)


@pytest.mark.parametrize("new", POSSIBLE)
def test_a_condition_some_value_meets_is_none(faults_of: FaultsOf, new: str) -> None:
    assert not any("no value of" in fault for fault in faults_of("cause", "gt: 0.001, le: 0.01", new))


def test_conditions_on_one_fact_are_judged_together(faults_of: FaultsOf) -> None:
    new = "as: size}\n  - {fact: weights.magnitude, of: each, gt: 0.01, as: again}"
    expected = "cause:17: when[2]: no value of weights.magnitude can be <= 0.01 and > 0.001 and > 0.01"
    assert expected in faults_of("cause", "as: size}", new)


def test_other_subjects_and_exceptions_are_judged_apart(faults_of: FaultsOf) -> None:
    new = "as: size}\n  - {fact: weights.magnitude, of: high, gt: 0.01}\nunless:\n  - {fact: weights.magnitude, of: each, gt: 0.01}"
    assert not any("no value of" in fault for fault in faults_of("cause", "as: size}", new))

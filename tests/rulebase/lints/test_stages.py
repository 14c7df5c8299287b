from collections.abc import Callable

import pytest

FAULTS = [
    ("symptom", "severity: major\ngrades", "grades", "4: stage: a symptom needs a severity"),
    ("cause", 'message: "The {subject}-noise expert has {size}."\n', "", "4: stage: a cause needs a message"),
    ("symptom", "derives: [symptom.", "derives: [cause.", "29: derives[0]: a symptom derives symptom.NAME, not cause.high_noise_too_weak"),
    ("cause", "severity: minor\n", "severity: good\nchanges: [{op: advise, because: x, applicability: manual}]\n", "10: changes: what is good needs no change"),
    ("cause", "fact: symptom.high_noise_too_weak}", "fact: cause.out_of_balance, of: each}", "15: when[0].fact: a cause reads conclusions of earlier stages only, not cause.out_of_balance"),
    ("symptom", "fact: run.paused, is", "fact: symptom.high_noise_too_weak, is", "27: unless[0].fact: a symptom reads conclusions of earlier stages only, not symptom.high_noise_too_weak"),
    ("remedy", "confidence: high", "confidence: high\nseverity: minor", "8: severity: a remedy words no finding, so it has no severity"),
    ("remedy", "confidence: high", "confidence: high\ngrades: [{severity: minor, of: out_of_balance_each, is: true}]", "8: grades: a remedy words no finding, so it has no grades"),
    ("remedy", "confidence: high", "confidence: high\nderives: [cause.x]", "8: derives: a remedy is the last stage; nobody could read what it derives"),
    ("remedy", "changes:\n  - {path: train.steps, op: set, value: $lr_ratio_min, because: enough, applicability: safe}\n", "", "4: stage: a remedy needs changes"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_rule_has_what_its_stage_asks_for(
    faults_of: Callable[[str, str, str], list[str]], part: str, old: str, new: str, expected: str
) -> None:
    assert f"{part}:{expected}" in faults_of(part, old, new)

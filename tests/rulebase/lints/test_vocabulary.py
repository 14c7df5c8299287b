from __future__ import annotations

from collections.abc import Callable

import pytest

FAULTS = [
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, is: 3}",
     "19: applies[0].is: weights.kind is text; 3 is a number"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, in: [lora, true]}",
     "19: applies[0].in: weights.kind is text; true is true or false"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, lt: lora}",
     "19: applies[0].lt: lt compares numbers; weights.kind is text"),
    ("symptom", "{fact: weights.kind, is: lora}", "{fact: weights.kind, of: high, is: lora}",
     "19: applies[0].of: weights.kind is a fact of the run, not of high"),
    ("symptom", "of: magnitude_high, lt: $far_too_small", "of: magnitude_high, lt: $far_too_small, as: x",
     "10: grades[0].as: unknown key; did you mean"),
    ("symptom", "{fact: run.steps, ge: 2000}", "{fact: run.steps, ge: '2000'}",
     "25: when[2].any[1].ge: run.steps is a number; '2000' is text"),
    ("symptom", "{ref: magnitude_high, times: 0.5}", "{ref: kind}",
     "22: when[1].gt: weights.magnitude is a number; weights.kind is text"),
    ("symptom", "- {fact: run.paused, is: true}",
     "- {fact: run.paused, is: true}\n  - {fact: weights.kind, is: {ref: kind, times: 2}}",
     "28: unless[1].is: times is for numbers; weights.kind is text"),
    ("cause", "of: each, gt: 0.001", "of: highest, gt: 0.001",
     "16: when[1].of: weights.magnitude is a fact of an expert (high, low or each), not of highest"),
    ("cause", "of: each, gt: 0.001", "gt: 0.001",
     "16: when[1].of: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: config.weighting, of: each}\n",
     "14: when: `each` stands for one kind of subject in a rule, here for expert and key"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: config.weighting}\n",
     "17: when[2].of: config.weighting is a fact of a key (each, or one's name), not of the run"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: run.length}\n",
     "17: when[2].fact: run.length is not declared in facts.yaml"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: run.step}\n",
     "17: when[2].fact: run.step is not declared in facts.yaml; did you mean run.steps?"),
    ("cause", "as: size}\n", "as: size}\n  - {fact: symptom.high_nois_too_weak}\n",
     "17: when[2].fact: no rule derives symptom.high_nois_too_weak; did you mean symptom.high_noise_too_weak?"),
    ("cause", "fact: symptom.high_noise_too_weak}", "fact: symptom.high_noise_too_weak, of: high}",
     "15: when[0].of: symptom.high_noise_too_weak is a fact of the run, not of high"),
    ("remedy", "out_of_balance, of: each, is: true", "out_of_balance, is: true",
     "12: when[0].of: cause.out_of_balance is a fact of an expert (high, low or each), not of the run"),
    ("remedy", "out_of_balance, of: each, is: true", "out_of_balance, of: each, is: 1",
     "12: when[0].is: cause.out_of_balance is true or false; 1 is a number"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_condition_names_and_compares_what_it_can(
    faults_of: Callable[[str, str, str], list[str]], part: str, old: str, new: str, expected: str
) -> None:
    assert any(fault.startswith(f"{part}:{expected}") for fault in faults_of(part, old, new))


def test_a_grade_is_compared_with_its_facts_type(faults_of: Callable[[str, str, str], list[str]]) -> None:
    new = "lt: $far_too_small}\n  - {severity: minor, of: kind, gt: 1}"
    expected = "symptom:11: grades[1].gt: gt compares numbers; weights.kind is text"
    assert faults_of("symptom", "lt: $far_too_small}", new) == [expected]


def test_a_conclusion_is_not_missed_while_a_rule_file_is_unreadable(
    change: Callable[[str, str, str], None], faults_of: Callable[[str, str, str], list[str]]
) -> None:
    change("symptom", "status: test", "status: tested")
    found = faults_of("cause", "confidence: low", "confidence: lowest")
    assert [fault.split(":")[0] for fault in found] == ["cause", "symptom"]

from collections.abc import Callable

import pytest

FaultsOf = Callable[[str, str, str], list[str]]
MESSAGE = "derives: [symptom.high_noise_too_weak]"
FAULTS = [
    ("{fact: run.stps}", "30: also[0].fact: run.stps is not declared in facts.yaml; did you mean run.steps?"),
    ("{fact: run.steps, of: high}", "30: also[0].of: run.steps is a fact of the run, not of high"),
    ("{fact: weights.magnitude, of: run}", "30: also[0].of: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    ("{fact: weights.magnitude, of: each}", "30: also[0].of: no condition ranges over subjects, so there is no `each`"),
    ("{fact: weights.magnitude, of: high}", "30: also[0]: weights.magnitude is shown already"),
    ("{fact: weights.kind}", "30: also[0]: weights.kind is shown already"),
    ("{fact: symptom.high_noise_too_weak}", "30: also[0].fact: symptom.high_noise_too_weak is a conclusion; a finding shows those as its proof"),
    ("{fact: run.steps, is: 3}", "30: also[0].is: unknown key; did you mean is?"),
    ("{fact: run.steps}\n  - {fact: run.steps}", "31: also[1]: run.steps is shown already"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), FAULTS, ids=[line for line, _ in FAULTS])
def test_a_corroboration_is_a_declared_fact_that_is_not_shown_anyway(
    faults_of: FaultsOf, line: str, expected: str
) -> None:
    assert f"symptom:{expected}" in faults_of("symptom", MESSAGE, f"also:\n  - {line}\n{MESSAGE}")


def test_what_is_read_in_an_alternative_or_under_unless_may_be_shown(faults_of: FaultsOf) -> None:
    also = "also:\n  - {fact: run.steps}\n  - {fact: run.paused}\n  - {fact: lr.ratio}\n"
    assert faults_of("symptom", MESSAGE, also + MESSAGE) == []


def test_each_follows_the_rules_subject(faults_of: FaultsOf) -> None:
    message = 'message: "The {subject}-noise'
    fault = faults_of("cause", message, f"also:\n  - {{fact: weights.magnitude, of: high}}\n{message}")
    assert fault == []


def test_a_remedy_has_no_evidence(faults_of: FaultsOf) -> None:
    faults = faults_of("remedy", "tests:\n", "also:\n  - {fact: run.steps}\ntests:\n")
    assert any("also: a remedy words no finding, so it has no evidence" in fault for fault in faults)

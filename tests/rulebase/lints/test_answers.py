from __future__ import annotations

from collections.abc import Callable

import pytest

Change = Callable[[str, str, str], None]
FaultsOf = Callable[[str, str, str], list[str]]

CHANGES = "changes:\n  - {path: train.bump, op: set, recipe: bump, because: faster, applicability: review}\n"
ADVICE = "changes:\n  - {op: advise, because: train it longer, applicability: manual}\n"
UNANSWERED = (
    "symptom:8: severity: a finding as grave as this needs an answer: give changes (op advise for what no key does), "
    "or derive a conclusion that a remedy reads"
)
REMEDY = "{fact: cause.out_of_balance, of: each, is: true}"
ELSEWHERE = "{fact: run.steps, gt: 1}"
READING = "{fact: symptom.high_noise_too_weak, is: true}"


@pytest.fixture
def deaf(change: Change) -> None:
    """Let the remedy read no conclusion."""
    change("remedy", REMEDY, ELSEWHERE)


@pytest.mark.usefixtures("deaf")
def test_a_major_finding_is_answered(faults_of: FaultsOf) -> None:
    assert UNANSWERED in faults_of("symptom", CHANGES, "")


@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize("answer", [CHANGES, ADVICE])
def test_a_change_and_an_advice_are_answers(faults_of: FaultsOf, answer: str) -> None:
    assert UNANSWERED not in faults_of("symptom", CHANGES, answer)


@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize(("grade", "is_grave"), [("critical", True), ("major", True), ("info", False)])
def test_a_finding_counts_as_what_its_grades_may_make_of_it(
    change: Change, faults_of: FaultsOf, grade: str, *, is_grave: bool
) -> None:
    change("symptom", "severity: major\ngrades", "severity: minor\ngrades")
    change("symptom", "severity: critical, of", f"severity: {grade}, of")
    assert (UNANSWERED in faults_of("symptom", CHANGES, "")) is is_grave


@pytest.mark.usefixtures("deaf")
def test_a_remedy_answers_what_it_asks_for(change: Change, faults_of: FaultsOf) -> None:
    change("remedy", ELSEWHERE, READING)
    assert UNANSWERED not in faults_of("symptom", CHANGES, "")


@pytest.mark.usefixtures("deaf")
def test_a_remedy_that_wants_it_absent_answers_nothing(change: Change, faults_of: FaultsOf) -> None:
    change("remedy", ELSEWHERE, f"{ELSEWHERE}\nunless:\n  - {READING}")
    assert UNANSWERED in faults_of("symptom", CHANGES, "")


def test_a_remedy_answers_through_a_cause(faults_of: FaultsOf) -> None:
    assert faults_of("symptom", CHANGES, "") == []


def test_nothing_is_missed_while_a_file_cannot_be_read(change: Change, faults_of: FaultsOf) -> None:
    change("remedy", "stage: remedy", "stage: remedies")
    assert UNANSWERED not in faults_of("symptom", CHANGES, "")

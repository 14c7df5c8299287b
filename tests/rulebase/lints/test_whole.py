from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sound_base import Change, FaultsOf

from diagnose.rulebase.lints import whole
from diagnose.rulebase.lints.whole import contested_settings
from diagnose.rulebase.reading.load import Reading


def test_ids_names_and_titles_are_taken_once(base: Path, read: Callable[[], Reading]) -> None:
    (base / "rules/more").mkdir()
    first = base / "rules/REM001-end-earlier.yaml"
    shutil.copy(first, base / "rules/more")
    assert [(fault.line, fault.text) for fault in read().faults] == [
        (1, f"id: 'REM001' is taken by {first}"),
        (2, f"name: 'end-earlier' is taken by {first}"),
        (3, f"title: 'End the run earlier' is taken by {first}"),
    ]


def test_a_file_is_called_after_its_rule(base: Path, read: Callable[[], Reading]) -> None:
    (base / "rules/REM001-end-earlier.yaml").rename(base / "rules/stop.yaml")
    [fault] = read().faults
    assert fault.text == "the file is called stop.yaml; by its id and name it is REM001-end-earlier.yaml"


def test_more_conditions_than_the_engine_joins_are_refused(
    faults_of: FaultsOf,
) -> None:
    more = "".join(f"  - {{fact: run.steps, is: 3, as: s{number}}}\n" for number in range(11))
    found = faults_of("remedy", "changes:\n", f"{more}changes:\n")
    assert found == []
    found = faults_of("remedy", "as: s10}\n", "as: s10}\n  - {fact: run.steps, as: s11}\n")
    assert found == ["remedy:11: when: more than 12 conditions; a rule has no more"]


def test_more_ways_to_hold_than_the_engine_needs_are_refused(
    faults_of: FaultsOf,
) -> None:
    found = faults_of("symptom", "is: lora", f"in: [{', '.join(f'k{number}' for number in range(33))}]")
    assert "symptom:20: when: `any` and `in` make 66 ways to hold; a rule has at most 64" in found


def test_more_rules_than_were_tried_are_refused(read: Callable[[], Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MAX_RULES", 2)
    [fault] = read().faults
    assert fault.text == "3 rules; at most 2 can be used together"


@pytest.mark.parametrize(
    ("intent", "value", "noted"),
    [("[motion]", 5, True), ("[motion]", 3, False), ("[style]", 5, True), ("[style]", 3, False)],
)
def test_two_rules_that_set_one_key_apart_are_noted(
    change: Change, read: Callable[[], Reading], intent: str, value: int, noted: bool
) -> None:
    change("symptom", "bump, op: set, recipe: bump", f"steps, op: set, value: {value}")
    change("symptom", "intent: [motion]", f"intent: {intent}")
    found = [f"{Path(each.file).stem}:{each.line}: {each.text}" for each in contested_settings(read().files)]
    expected = "WGT001-high-noise-too-weak:31: changes[0]: end-earlier sets steps to 3, this rule to 5"
    assert found == ([expected] if noted else [])


def test_a_change_that_yields_contests_no_key(change: Change, read: Callable[[], Reading]) -> None:
    change("symptom", "bump, op: set, recipe: bump", "steps, op: set, value: 5, yields: true")
    assert list(contested_settings(read().files)) == []


@pytest.mark.parametrize("apart", ["intent: [style]", "trainers: [ai-toolkit-relaxis]"])
def test_rules_that_never_meet_may_set_one_key_apart(change: Change, read: Callable[[], Reading], apart: str) -> None:
    change("symptom", "bump, op: set, recipe: bump", "steps, op: set, value: 5")
    change("symptom", "trainers: any", "trainers: [ai-toolkit]")
    change("remedy", f"{apart.partition(': ')[0]}: any", apart)
    assert list(contested_settings(read().files)) == []


def test_rules_that_ask_one_fact_for_other_values_never_meet(change: Change, read: Callable[[], Reading]) -> None:
    change("symptom", "bump, op: set, recipe: bump", "steps, op: set, value: 5")
    change("symptom", "when:\n", "when:\n  - {fact: config.network_type, is: lokr}\n")
    change("remedy", "when:\n", "when:\n  - {fact: config.network_type, is: lora}\n")
    assert list(contested_settings(read().files)) == []
    change("remedy", "is: lora}", "is: lokr}")
    assert len(list(contested_settings(read().files))) == 1


CHANGES = "changes:\n  - {setting: bump, op: set, recipe: bump, because: faster, applicability: review}\n"
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


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "explains: [experts-out-of-balanc]",
            "no rule is called experts-out-of-balanc; did you mean experts-out-of-balance?",
        ),
        ("holds_back: [balance]", "no rule has the topic balance"),
        ("topic: balance\nholds_back: [balance]", "the rule would hold itself back"),
    ],
)
def test_a_name_leads_somewhere_else(faults_of: FaultsOf, line: str, fault: str) -> None:
    found = faults_of("symptom", "trainers: any", f"trainers: any\n{line}")
    assert any(each.endswith(fault) for each in found), found


def test_of_two_rules_only_one_is_the_cause(change: Change, faults_of: FaultsOf) -> None:
    change("cause", "intent: any", "intent: any\nexplains: [high-noise-too-weak]")
    found = faults_of("symptom", "trainers: any", "trainers: any\nexplains: [experts-out-of-balance]")
    text = "experts-out-of-balance explains high-noise-too-weak as well; only one of the two is the cause"
    assert any(each.endswith(text) for each in found), found


def test_a_cause_may_name_what_it_explains(faults_of: FaultsOf) -> None:
    assert faults_of("cause", "intent: any", "intent: any\nexplains: [high-noise-too-weak]") == []


def test_a_conclusion_that_nothing_reads_is_left_out(faults_of: FaultsOf) -> None:
    found = faults_of("cause", "derives: [cause.out_of_balance]", "derives: [cause.out_of_balance, cause.more]")
    assert found == ["cause:18: derives[1]: nothing reads cause.more; leave it out"]

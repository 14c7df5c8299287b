from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnose.rulebase.check import notes
from diagnose.rulebase.lints import whole
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
    faults_of: Callable[[str, str, str], list[str]],
) -> None:
    more = "".join(f"  - {{fact: run.steps, is: 3, as: s{number}}}\n" for number in range(11))
    found = faults_of("remedy", "changes:\n", f"{more}changes:\n")
    assert found == []
    found = faults_of("remedy", "as: s10}\n", "as: s10}\n  - {fact: run.steps, as: s11}\n")
    assert found == ["remedy:11: when: more than 12 conditions; a rule has no more"]


def test_more_ways_to_hold_than_the_engine_needs_are_refused(
    faults_of: Callable[[str, str, str], list[str]],
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
    change: Callable[[str, str, str], None], read: Callable[[], Reading], intent: str, value: int, noted: bool
) -> None:
    change("symptom", "train.bump, op: set, recipe: bump", f"train.steps, op: set, value: {value}")
    change("symptom", "intent: [motion]", f"intent: {intent}")
    found = [f"{Path(note.file).stem}:{note.line}: {note.text}" for note in notes(read().files)]
    expected = "WGT001-high-noise-too-weak:31: changes[0]: end-earlier sets train.steps to 3, this rule to 5"
    assert found == ([expected] if noted else [])


def test_a_change_that_yields_contests_no_key(
    change: Callable[[str, str, str], None], read: Callable[[], Reading]
) -> None:
    change("symptom", "train.bump, op: set, recipe: bump", "train.steps, op: set, value: 5, yields: true")
    assert notes(read().files) == []


@pytest.mark.parametrize("apart", ["intent: [style]", "trainers: [ai-toolkit-relaxis]"])
def test_rules_that_never_meet_may_set_one_key_apart(
    change: Callable[[str, str, str], None], read: Callable[[], Reading], apart: str
) -> None:
    change("symptom", "train.bump, op: set, recipe: bump", "train.steps, op: set, value: 5")
    change("symptom", "trainers: any", "trainers: [ai-toolkit]")
    change("remedy", f"{apart.partition(': ')[0]}: any", apart)
    assert notes(read().files) == []

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sound_base import Change, FaultsOf

from diagnose.rulebase.reading import shapes
from diagnose.rulebase.reading.shapes import MOST_CHARACTERS, Pattern, repeats_within_repeats
from diagnose.rulebase.rule import MAX_TEXT, MAX_WHOLE
from diagnose.rulebase.yaml_places import MAX_FAULTS

SOUND = [
    (shapes.RuleId, "WGT003"),
    (shapes.RuleName, "lr-ratio-too-small"),
    (shapes.RuleName, "high2low"),
    (shapes.Word, "lr_ratio_min"),
    (shapes.FactName, "steps"),
    (shapes.FactName, "weights.low.magnitude_2"),
    (shapes.Given, "weights.magnitude"),
    (shapes.Given, "config.snr_weight@train.min_snr_gamma"),
    (shapes.Conclusion, "symptom.high_noise_too_weak"),
    (shapes.ClaimId, "WGT-01"),
    (shapes.Version, "0.10.0"),
    (shapes.AnyScalar, MAX_WHOLE),
    (shapes.AnyScalar, "x" * MAX_TEXT),
    (shapes.ScalarOrNull, None),
]
UNSOUND = [
    (shapes.RuleId, "wgt003"),
    (shapes.RuleName, "lr--ratio"),
    (shapes.RuleName, "lr_ratio"),
    (shapes.Word, "2nd"),
    (shapes.FactName, "weights.2nd"),
    (shapes.FactName, "weights..magnitude"),
    (shapes.FactName, "weights.magnitude\n"),
    (shapes.Given, "weights.magnitude@"),
    (shapes.Given, "weights.magnitude@" + "x" * 201),
    (shapes.Word, "x" * 81),
    (shapes.Given, "weights.magnitude@two words"),
    (shapes.Conclusion, "remedy.x"),
    (shapes.ClaimId, "WGT-1"),
    (shapes.Version, "0.1"),
    (shapes.AnyScalar, MAX_WHOLE + 1),
    (shapes.AnyScalar, "x" * (MAX_TEXT + 1)),
    (shapes.AnyScalar, None),
    (shapes.ScalarOrNull, []),
    (shapes.Prose, " \n"),
    (shapes.Prose, "x" * (MAX_TEXT + 1)),
    (shapes.Title, "x" * 73),
    (shapes.Sources, []),
]


@pytest.mark.parametrize(("kind", "value"), SOUND)
def test_sound_spellings_are_left_as_they_are(kind: Any, value: object) -> None:
    assert TypeAdapter(kind).validate_python(value, strict=True) == value


@pytest.mark.parametrize(("kind", "value"), UNSOUND)
def test_other_spellings_are_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value, strict=True)


def test_prose_loses_the_space_around_it() -> None:
    assert TypeAdapter[str](shapes.Prose).validate_python("two\nlines\n") == "two\nlines"


def test_one_source_may_stand_alone() -> None:
    assert TypeAdapter[list[str]](shapes.Sources).validate_python("WGT-01") == ["WGT-01"]


FAULTS = [
    ("id: WGT001", "id: WGT1", "1: id: 'WGT1' is not an id: three capitals and three digits, like WGT003"),
    ("id: WGT001", "id: '{x}" + "y" * 99 + "'", "1: id: '{x}" + "y" * 57 + "...' is not an id: three capitals and"),
    (
        "name: high-noise-too-weak",
        "name: HighNoise",
        "2: name: 'HighNoise' is not a name: lower-case words joined by hyphens, like lr-ratio-too-small",
    ),
    ("title: The high", f"title: {'x' * 73} The high", "3: title: give at most 72 characters"),
    ("stage: symptom", "stage: sign", "4: stage: give 'symptom', 'cause' or 'remedy'"),
    ("status: test", "status: tested", "5: status: give 'experimental', 'test' or 'stable'"),
    ("since: 0.1.0", "since: 0.1", "6: since: give a text; quote what would be read as something else"),
    ("since: 0.1.0", "since: soon", "6: since: 'soon' is not a version of three numbers, like 0.1.0"),
    ("intent: [motion]", "intent: [dance]", "7: intent[0]: give 'motion', 'character' or 'style'"),
    ("intent: [motion]", "intent: []", "7: intent: give at least 1"),
    ("intent: [motion]", "intent: motion", "7: intent: give a list"),
    ("intent: [motion]\n", "", "1: the key intent is missing"),
    ("trainers: any\n", "", "1: the key trainers is missing"),
    ("trainers: any", "trainers: [Kohya SS]", "60: trainers[0]: 'Kohya SS' is not the name of a trainer"),
    ("confidence: medium", "confidence: sure", "11: confidence: give 'high', 'medium' or 'low'"),
    ("confidence: medium", "severty: minor", "11: severty: unknown key; did you mean severity?"),
    ("why: Small weights draw no motion.", "why: ''", "12: why: give a text; this one is empty"),
    ("why: Small weights draw no motion.", "why: no", "12: why: give a text; quote what"),
    ("  - An early checkpoint is always weak.\n", "  - 3\n", "14: known_problems[0]: give a text; quote what"),
    ("claims: [WGT-01]\n", "claims: []\n", "1: cite claims of the write-up, or name other sources under sources: trainer code, your own runs"),
    ("claims: [WGT-01]\n", "claims: []\nsources: []\n", "16: sources: give at least 1"),
    ("claims: [WGT-01]\n", "claims: [WGT-1]\n", "15: claims[0]: 'WGT-1' is not a claim id, like WGT-01"),
    ("value: 0.004", "value: null", "17: params.far_too_small.value: give a number, a text, true or false"),
    ("value: 0.004", "value: 4e-3", "17: params.far_too_small.value: 4e-3 is not a number to every YAML reader"),
    (", runs: null", "", "17: params.far_too_small: the key runs is missing"),
    ("runs: null", "runs: -1", "17: params.far_too_small.runs: give at least 0"),
    ("lt: $far_too_small", "lt: $far_too_small, gt: 0", "10: grades[0]: a grade has exactly one operator"),
    ("kind, is: lora", "kind, is: [lora]", "19: applies[0].is: give a number, a text, true or false"),
    ("kind, is: lora", "kind, is: null", "19: applies[0].is: null is no operand; without an operator"),
    ("kind, is: lora", "kind, in: null", "19: applies[0].in: null is no operand; without an operator"),
    ("kind, is: lora", "kind, in: lora", "19: applies[0].in: give a list"),
    ("kind, is: lora", "kind, equals: lora", "19: applies[0].equals: unknown key"),
    ("fact: weights.kind, is", "fact: Weights, is", "19: applies[0].fact: 'Weights' is not a fact: lower-case words"),
    ("  - {fact: weights.kind, is: lora}", "  - weights.kind", "19: applies[0]: give a mapping of keys to values"),
    ("times: 0.5", "times: half", "22: when[1].gt.times: give a number"),
    ("times: 0.5", "plus: 1", "22: when[1].gt.plus: unknown key"),
    ("      - {fact: run.steps, ge: 2000}\n", "", "23: when[2].any: give at least 2"),
    ("  - any:\n", "  - all:\n", "23: when[2].all: unknown key"),
    ("derives: [symptom.", "derives: [sign.", "29: derives[0]: 'sign.high_noise_too_weak' is not a conclusion"),
    ("op: set", "op: scale", "31: changes[0].op: give 'set', 'ensure', 'remove' or 'advise'"),
    ("recipe: bump", "recipe: bump, value: 3", "31: changes[0]: op set and ensure take exactly one of value"),
    ("recipe: bump, ", "", "31: changes[0]: op set and ensure take exactly one of value"),
    ("op: set, recipe: bump", "op: remove, value: 3", "31: changes[0]: op set and ensure take exactly one of value"),
    ("setting: bump, ", "", "31: changes[0]: name the setting, like save_every; only op advise"),
    ("applicability: review", "applicability: maybe", "31: changes[0].applicability: give 'safe', 'review' or 'manual'"),
    ("fires: true, severity: major, message", "fires: 1, severity: major, message", "35: tests[0].expect.fires: give true or false"),
    ("  - name: fires\n", "  - {name: x}\n  - name: fires\n", "33: tests[0]: the key expect is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS, ids=[new for _, new, _ in FAULTS])
def test_a_fault_of_shape_is_told_at_its_line(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert any(fault.startswith(f"symptom:{expected}") for fault in faults_of("symptom", old, new))


def test_all_faults_of_a_file_are_told_at_once(change: Change, faults_of: FaultsOf) -> None:
    change("symptom", "status: test", "status: tested")
    change("symptom", "times: 0.5", "times: yes")
    found = faults_of("symptom", "op: set", "op: scale")
    assert [int(fault.split(":")[1]) for fault in found] == [5, 22, 22, 31]


def test_a_flood_of_faults_is_counted_but_not_listed(faults_of: FaultsOf) -> None:
    keys = "".join(f"surplus{number}: 1\n" for number in range(MAX_FAULTS + 7))
    found = faults_of("remedy", "stage: remedy\n", f"stage: remedy\n{keys}")
    assert len(found) == MAX_FAULTS + 1
    assert "remedy:1: 7 more faults of this file are not listed" in found


ADAPTER = TypeAdapter(Pattern)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "is no regular expression"),
        ("a*", "matches an empty text"),
        ("x|", "matches an empty text"),
        ("a" * (MOST_CHARACTERS + 1), "at most 400, write two patterns"),
        ("(a+)+b", "repeats what repeats"),
    ],
)
def test_what_cannot_be_used_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ADAPTER.validate_python(pattern)


def test_a_pattern_keeps_its_spaces() -> None:
    assert ADAPTER.validate_python(" Killed +") == " Killed +"
    assert ADAPTER.validate_python("a" * MOST_CHARACTERS)


@pytest.mark.parametrize(
    ("pattern", "repeats"),
    [
        ("(a+)+", True), ("(?:a*b){2,}", True), ("((a+)b)*", True), ("(a|b+)*", True), ("(a{2,}){1,3}", True),
        ("(a+)?", False), ("(?:ab){2}c+", False), (r"(\(+)", False), ("([+*]){2,}", False), (r"\+(a)+", False),
        ("a+b*", False), ("(a{2,3})+", False),
    ],
)  # fmt: skip
def test_what_repeats_within_what_repeats_is_seen(pattern: str, repeats: bool) -> None:
    assert repeats_within_repeats(pattern) is repeats

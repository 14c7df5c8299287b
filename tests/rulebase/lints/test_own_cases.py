from __future__ import annotations

from collections.abc import Callable

import pytest
from sound_base import Change, FaultsOf, FileOf

from diagnose.rulebase.reading.load import Reading

SILENT = "{symptom.high_noise_too_weak: false, weights.magnitude@high: 0.005}, expect: {fires: false}"
UNKNOWN = "  - {name: unknown, given: {symptom.high_noise_too_weak: true, weights.magnitude@high: null}, expect: {fires: false, missing: [weights.magnitude]}}\n"
FAULTS = [
    ("name: silent,", "name: fires,", "21: tests[1].name: another case has this name already"),
    (SILENT, SILENT.replace("0.005", "small"), "21: tests[1].given.weights.magnitude@high: weights.magnitude is a number; 'small' is text"),
    (SILENT, SILENT.replace("@high", "@each"), "21: tests[1].given.weights.magnitude@each: a case gives the fact of one subject; name it"),
    (SILENT, SILENT.replace("@high", ""), "21: tests[1].given.weights.magnitude: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    (SILENT, SILENT.replace("weights.magnitude@high", "lr.ratio"), "21: tests[1].given.lr.ratio: the rule does not read lr.ratio"),
    (SILENT, SILENT.replace("weights.magnitude@high: 0.005", "symptom.high_noise_too_weak@run: false"), "21: tests[1].given.symptom.high_noise_too_weak@run: symptom.high_noise_too_weak@run is given twice"),
    (SILENT, SILENT.replace("fires: false", "fires: false, subjects: [high]"), "21: tests[1].expect.subjects: a rule that does not fire has no subjects"),
    (SILENT, SILENT.replace("fires: false", "fires: false, message: x"), "21: tests[1].expect.message: a rule that does not fire has no message"),
    (SILENT, SILENT.replace("fires: false", "fires: false, severity: minor"), "21: tests[1].expect.severity: a rule that does not fire has no severity"),
    ("missing: [weights.magnitude]", "missing: [weights.magnitud]", "23: tests[3].expect.missing[0]: the rule does not read weights.magnitud; did you mean weights.magnitude?"),
    (UNKNOWN, "", "19: tests: no case leaves a fact unknown (expect: {fires: false, missing: [...]})"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_case_gives_and_expects_what_can_be(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert f"cause:{expected}" in faults_of("cause", old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("@high: true}, expect: {fires: true}", "@high: true}, expect: {fires: false}", "no case fires"),
        (
            "@high: false}, expect: {fires: false}",
            "@high: null}, expect: {fires: false, missing: [cause.out_of_balance]}",
            "no case is evaluated and stays silent",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_shown_firing_and_silent(faults_of: FaultsOf, old: str, new: str, expected: str) -> None:
    assert faults_of("remedy", old, new) == [f"remedy:15: tests: {expected}"]


def test_a_remedy_has_no_severity_to_expect(faults_of: FaultsOf) -> None:
    expected = "remedy:16: tests[0].expect.severity: a remedy has no severity"
    assert faults_of("remedy", "{fires: true}", "{fires: true, severity: minor}") == [expected]


LIMITS = [
    ("cause", "weights.magnitude@low: 0.001}", "weights.magnitude@low: 0.0011}", "16: when[1].gt: weights.magnitude"),
    ("symptom", "weights.magnitude@high: 0.008,", "weights.magnitude@high: 0.009,", "21: when[0].lt: weights.magnitude"),
    ("symptom", "run.steps: 2000", "run.steps: 2001", "25: when[2].any[1].ge: run.steps"),
    ("symptom", "lr.ratio: 3,", "lr.ratio: 3.5,", "24: when[2].any[0].lt: lr.ratio"),
    ("symptom", "weights.magnitude@low: 0.0028", "weights.magnitude@low: 0.0027", "22: when[1].gt: weights.magnitude"),
    ("symptom", "magnitude@high: 0.004", "magnitude@high: 0.0041", "10: grades[0].lt: weights.magnitude"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "expected"), LIMITS, ids=[limit[3] for limit in LIMITS])
def test_every_ordered_test_is_shown_at_its_limit(
    faults_of: FaultsOf, part: str, old: str, new: str, expected: str
) -> None:
    place, fact = expected.rsplit(": ", 1)
    text = f"{part}:{place}: no case is exactly at this limit: give {fact} exactly the value it is compared with"
    assert faults_of(part, old, new) == [text]


def test_the_limit_of_one_expert_is_none_of_the_other(faults_of: FaultsOf) -> None:
    limit = "weights.magnitude@high: 0.008, weights.magnitude@low: 0.005"
    found = faults_of("symptom", limit, "weights.magnitude@high: 0.009, weights.magnitude@low: 0.008")
    assert [fault.split(":")[2] for fault in found] == [" when[0].lt"]


BASE = (
    "derives: [cause.out_of_balance]\n",
    "derives: [cause.out_of_balance]\nbase: {weights.magnitude@low: 0.02, symptom.high_noise_too_weak: true}\n",
)


def test_a_case_takes_from_the_base_what_it_does_not_give(file_of: FileOf) -> None:
    fires = file_of("cause", *BASE).rule.cases[0]
    assert fires.given == (
        ("weights.magnitude", "low", 0.02),
        ("symptom.high_noise_too_weak", "run", True),
        ("weights.magnitude", "high", 0.01),
    )
    assert ("weights.magnitude", "low", 0.02) in file_of("cause").rule.cases[3].given


def test_the_base_is_held_to_the_same_as_a_case_and_repeats_nothing(
    faults_of: FaultsOf,
) -> None:
    text = BASE[1].replace("}", ", lr.ratio: 1, weights.magnitude@each: 1}")
    found = faults_of("cause", BASE[0], text)
    assert "cause:19: base.lr.ratio: the rule does not read lr.ratio" in found
    assert "cause:19: base.weights.magnitude@each: a case gives the fact of one subject; name it" in found
    assert (
        "cause:19: base.symptom.high_noise_too_weak: every case gives symptom.high_noise_too_weak a value of its own"
        in found
    )
    assert (
        "cause:21: tests[0].given.weights.magnitude@low: base gives weights.magnitude@low this value already" in found
    )


def test_a_case_may_give_nothing_of_its_own(change: Change, read: Callable[[], Reading]) -> None:
    change("remedy", "changes:\n", "base: {cause.out_of_balance@high: true}\nchanges:\n")
    change("remedy", "{name: fires, given: {cause.out_of_balance@high: true}, expect", "{name: fires, expect")
    assert read().faults == ()

from collections.abc import Callable

import pytest

Change = Callable[[str, str, str], None]
FaultsOf = Callable[[str, str, str], list[str]]
MESSAGE = "derives: [symptom.high_noise_too_weak]"
FAULTS = [
    ("{fact: run.stps}", "30: show[0].fact: run.stps is not declared in facts.yaml; did you mean run.steps?"),
    ("{fact: run.steps, of: high}", "30: show[0].of: run.steps is a fact of the run, not of high"),
    ("{fact: weights.magnitude, of: run}", "30: show[0].of: weights.magnitude is a fact of an expert (high, low or each), not of the run"),
    ("{fact: weights.magnitude, of: each}", "30: show[0].of: no condition ranges over subjects, so there is no `each`"),
    ("{fact: weights.magnitude, of: high}", "30: show[0]: weights.magnitude is shown already"),
    ("{fact: weights.kind}", "30: show[0]: weights.kind is shown already"),
    ("{fact: symptom.high_noise_too_weak}", "30: show[0].fact: symptom.high_noise_too_weak is a conclusion; a finding shows those as its proof"),
    ("{fact: run.steps, is: 3}", "30: show[0].is: unknown key; did you mean is?"),
    ("{fact: run.steps}\n  - {fact: run.steps}", "31: show[1]: run.steps is shown already"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), FAULTS, ids=[line for line, _ in FAULTS])
def test_what_is_shown_is_a_declared_fact_that_is_not_bound_anyway(
    faults_of: FaultsOf, line: str, expected: str
) -> None:
    assert f"symptom:{expected}" in faults_of("symptom", MESSAGE, f"show:\n  - {line}\n{MESSAGE}")


def test_what_is_read_in_an_alternative_or_under_unless_may_be_shown(faults_of: FaultsOf) -> None:
    show = "show:\n  - {fact: run.steps}\n  - {fact: run.paused}\n  - {fact: lr.ratio}\n"
    assert faults_of("symptom", MESSAGE, show + MESSAGE) == []


def test_each_follows_the_rules_subject(faults_of: FaultsOf) -> None:
    message = 'message: "The {subject}-noise'
    fault = faults_of("cause", message, f"show:\n  - {{fact: weights.magnitude, of: high}}\n{message}")
    assert fault == []


def test_a_remedy_has_no_evidence(faults_of: FaultsOf) -> None:
    faults = faults_of("remedy", "tests:\n", "show:\n  - {fact: run.steps}\ntests:\n")
    expected = "show[0]: a remedy has no evidence; give `as` and name it, or leave it out"
    assert any(expected in fault for fault in faults)


def test_what_has_a_name_is_named_somewhere(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.steps, as: steps}\n"
    expected = "symptom:30: show[0].as: nothing names steps; without `as` it stands in the evidence only"
    assert expected in faults_of("symptom", MESSAGE, shown + MESSAGE)


NAMED = [
    ("; {subject}.", "[ after {steps} steps]; {subject}."),
    ("because: faster", 'because: "faster[, not after {steps} steps]"'),
    ("severity: critical, of: magnitude_high, lt: $far_too_small", "severity: critical, of: steps, is: 900"),
    ("op: set, recipe: bump", "op: set, fact: steps"),
]


@pytest.mark.parametrize(("old", "new"), NAMED, ids=[new for _, new in NAMED])
def test_message_advice_grade_and_change_may_name_it(change: Change, faults_of: FaultsOf, old: str, new: str) -> None:
    change("symptom", MESSAGE, f"show:\n  - {{fact: run.steps, as: steps}}\n{MESSAGE}")
    change("symptom", "lr.ratio: 1.35, run.steps: 900, run.paused: false}\n    expect: {fires: true, severity: major, m",
           "lr.ratio: 1.35, run.paused: false}\n    expect: {fires: true, severity: major, m")  # fmt: skip
    found = faults_of("symptom", old, new)
    assert [fault for fault in found if "show" in fault or "steps" in fault] == []


def test_a_condition_cannot_refer_to_it(change: Change, faults_of: FaultsOf) -> None:
    change("symptom", MESSAGE, f"show:\n  - {{fact: run.steps, as: size}}\n{MESSAGE}")
    found = faults_of("symptom", "gt: {ref: magnitude_high, times: 0.5}}", "gt: {ref: size}}")
    assert any("when[1].gt: no earlier condition has the alias size" in fault for fault in found)


def test_its_name_is_its_own(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.steps, as: magnitude_high}\n"
    expected = "symptom:30: show[0].as: the alias magnitude_high is taken; give another with `as`"
    assert expected in faults_of("symptom", MESSAGE, shown + MESSAGE)


def test_a_case_fires_with_it_unknown(faults_of: FaultsOf) -> None:
    shown = "show:\n  - {fact: run.paused, as: paused}\n"
    found = faults_of("symptom", '{subject}."\n', f'{{subject}}[ {{paused}}]."\n{shown}')
    assert "symptom:34: tests: no case fires with run.paused unknown, which is only shown" in found


ALONE = "nothing is asked of run.steps, so it is for the words alone: give it under show"


@pytest.mark.parametrize("words", ["message", "advice"])
def test_no_condition_is_there_for_the_words_alone(change: Change, faults_of: FaultsOf, words: str) -> None:
    change("cause", "as: size}\n", "as: size}\n  - {fact: run.steps, as: length}\n")
    found = faults_of("cause", "has {size}.", "has {size}." if words == "advice" else "has {size} after {length}.")
    assert f"cause:17: when[2]: {ALONE}" in found


def test_a_condition_that_a_test_or_change_needs_is_none_for_the_words(change: Change, faults_of: FaultsOf) -> None:
    change(
        "cause",
        "as: size}\n",
        "as: size}\n  - {fact: run.steps, as: length}\n  - {fact: lr.ratio, gt: {ref: length}}\n",
    )
    assert not any("words alone" in fault for fault in faults_of("cause", "has {size}.", "has {size} after {length}."))


def test_a_condition_that_an_alternative_asks_is_none_for_the_words(faults_of: FaultsOf) -> None:
    known = "  - {fact: run.steps, as: length}\n  - any:\n"
    assert not any("words alone" in fault for fault in faults_of("symptom", "  - any:\n", known))

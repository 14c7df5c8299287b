from collections.abc import Callable

import pytest

IMPOSSIBLE = [
    ("gt: 0.001, le: 0.01", "gt: 0.02, le: 0.01", "le 0.01 and gt 0.02"),
    ("gt: 0.001, le: 0.01", "gt: 0.01, le: 0.01", "le 0.01 and gt 0.01"),
    ("gt: 0.001, le: 0.01", "ge: 0.01, le: 0.01, is_not: 0.01", "is_not 0.01 and le 0.01 and ge 0.01"),
    ("gt: 0.001, le: 0.01", "is: 1, in: [2, 3]", "is 1 and in 2 or 3"),
    ("gt: 0.001, le: 0.01", "in: [1, 2], gt: 2", "in 1 or 2 and gt 2"),
    ("gt: 0.001, le: 0.01", "is: 1, is_not: 1", "is 1 and is_not 1"),
]
POSSIBLE = ["ge: 0.01, le: 0.01", "gt: 0.001, is_not: 3", "in: [1, 2], gt: 1", "is_not: 1, lt: 2", "is: 1, le: 1"]


@pytest.mark.parametrize(("old", "new", "said"), IMPOSSIBLE, ids=[new for _, new, _ in IMPOSSIBLE])
def test_a_condition_no_value_meets_is_a_fault(
    faults_of: Callable[[str, str, str], list[str]], old: str, new: str, said: str
) -> None:
    assert f"cause:16: when[1]: no value of weights.magnitude can be {said}" in faults_of("cause", old, new)


@pytest.mark.parametrize("new", POSSIBLE)
def test_a_condition_some_value_meets_is_none(faults_of: Callable[[str, str, str], list[str]], new: str) -> None:
    assert not any("no value of" in fault for fault in faults_of("cause", "gt: 0.001, le: 0.01", new))


def test_conditions_on_one_fact_are_judged_together(faults_of: Callable[[str, str, str], list[str]]) -> None:
    new = "as: size}\n  - {fact: weights.magnitude, of: each, gt: 0.01, as: again}"
    expected = "cause:17: when[2]: no value of weights.magnitude can be le 0.01 and gt 0.001 and gt 0.01"
    assert expected in faults_of("cause", "as: size}", new)


def test_other_subjects_and_exceptions_are_judged_apart(faults_of: Callable[[str, str, str], list[str]]) -> None:
    new = "as: size}\n  - {fact: weights.magnitude, of: high, gt: 0.01}\nunless:\n  - {fact: weights.magnitude, of: each, gt: 0.01}"
    assert not any("no value of" in fault for fault in faults_of("cause", "as: size}", new))

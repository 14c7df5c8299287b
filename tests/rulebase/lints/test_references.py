from collections.abc import Callable

import pytest

NONE = "no earlier condition has the alias"
FAULTS = [
    ("ref: magnitude_high", "ref: magnitude_low", f"22: when[1].gt: {NONE} magnitude_low; did you mean magnitude_high?"),
    ("ref: magnitude_high", "ref: steps", f"22: when[1].gt: {NONE} steps; there are kind, magnitude_high"),
    ("is: lora}\n", "is: {ref: kind}}\n", f"19: applies[0].is: {NONE} kind; there are none"),
    ("of: magnitude_high, lt", "of: steps, lt", f"10: grades[0].of: {NONE} steps; there are kind, magnitude_high, magnitude_low"),
    ("lt: $far_too_small}", "lt: {ref: ratio}}", f"10: grades[0].lt: {NONE} ratio; there are kind, magnitude_high, magnitude_low"),
    ("recipe: bump", "fact: paused", f"31: changes[0].fact: {NONE} paused; there are kind, magnitude_high, magnitude_low"),
    ("is: lora}\n", "is: lora, as: subject}\n", "19: applies[0].as: the alias subject is taken; give another with `as`"),
    ("is: lora}\n", "is: lora}\n  - {fact: weights.kind, is_not: lokr}\n", "20: applies[1].as: the alias kind is taken; give another with `as`"),
    ("  - {fact: run.paused, is: true}", "  - {fact: run.steps, lt: {ref: ratio}}", f"27: unless[0].lt: {NONE} ratio; there are kind, magnitude_high, magnitude_low"),
    ("ge: 2000}", "ge: 2000, as: kind}", "25: when[2].any[1].as: the alias kind is taken; give another with `as`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS, ids=[new for _, new, _ in FAULTS])
def test_an_alias_is_bound_once_and_before_its_use(
    faults_of: Callable[[str, str, str], list[str]], old: str, new: str, expected: str
) -> None:
    assert f"symptom:{expected}" in faults_of("symptom", old, new)


def test_conditions_nothing_can_name_need_no_alias(faults_of: Callable[[str, str, str], list[str]]) -> None:
    again = "  - any:\n      - {fact: run.steps, ge: 2000}\n      - {fact: weights.kind, is: lora}\n"
    assert faults_of("symptom", "unless:\n", f"{again}unless:\n") == []

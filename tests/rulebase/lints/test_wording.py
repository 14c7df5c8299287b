from collections.abc import Callable

import pytest

PLACEHOLDER = "{magnitude_high:.4f}"
FAULTS = [
    ("{magnitude}", "{magnitude} is no alias under applies, when or show; did you mean magnitude_low or magnitude_high?"),
    ("{ratio}", "{ratio} is no alias under applies, when or show"),
    ("{paused}", "{paused} is no alias under applies, when or show"),
    ("{$steps}", "{$steps} is no parameter"),
    ("{magnitude_high:x}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high:999f}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high!r}", "{magnitude_high}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high.places}", "{magnitude_high.places}: write a placeholder as {name} or {name:.2f}"),
    ("{magnitude_high[0]}", "{magnitude_high[0]}: write a placeholder as {name} or {name:.2f}"),
    ("{}", "{}: write a placeholder as {name} or {name:.2f}"),
    ("}", "Single '}' encountered in format string; write {{ and }} for braces"),
    ("{kind:.2f}", "a number format does not suit its value: Unknown format code 'f' for object of type 'str'"),
    ("{magnitude_high:d}", "a number format does not suit its value: Unknown format code 'd' for object of type 'float'"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "expected"), FAULTS, ids=[new for new, _ in FAULTS])
def test_a_placeholder_can_be_filled(faults_of: Callable[[str, str, str], list[str]], new: str, expected: str) -> None:
    assert faults_of("symptom", PLACEHOLDER, new) == [f"symptom:28: message: {expected}"]


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        ("symptom", "because: faster", 'because: "{ratio}"', "31: changes[0].because: {ratio} is no alias under applies, when or show"),
        ("symptom", "because: faster", 'because: "a { brace"', "31: changes[0].because: expected '}' before end of string; write {{ and }} for braces"),
        ("symptom", "because: faster", 'because: "{kind:.1f}"', "31: changes[0].because: a number format does not suit its value: Unknown format code 'f' for object of type 'str'"),
        ("remedy", "because: enough", 'because: "{$steps}"', "14: changes[0].because: {$steps} is no parameter"),
        ("remedy", "path: train.steps", 'path: "train.{nosuch}"', "14: changes[0].path: {nosuch} is no alias under applies, when or show"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_change_is_checked_like_the_message(
    faults_of: Callable[[str, str, str], list[str]], part: str, old: str, new: str, expected: str
) -> None:
    assert faults_of(part, old, new) == [f"{part}:{expected}"]


@pytest.mark.parametrize("new", ["{magnitude_low}", "{kind}", "{$far_too_small:.1%}", "{{literally}}", "plain"])
def test_what_every_firing_binds_may_be_named(faults_of: Callable[[str, str, str], list[str]], new: str) -> None:
    assert faults_of("symptom", PLACEHOLDER, new) == []


SHOW = "show:\n  - {fact: run.steps, as: steps}\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("{steps}", "{steps} may be unknown: put what needs it in [ ], which is left out then"),
        ("x[ {steps}] {steps}", "{steps} may be unknown: put what needs it in [ ], which is left out then"),
        (
            "x[ {steps}][ or {kind}]",
            "a part in [ ] names nothing under show, so it is never left out: drop the [ ]",
        ),
        ("x[ {steps}", "[ stands alone; write [[ and ]] for brackets"),
        ("x[ {stps}]", "{stps} is no alias under applies, when or show; did you mean steps?"),
        ("x[ {steps:x}]", "{steps}: write a placeholder as {name} or {name:.2f}"),
    ],
)
def test_what_is_only_shown_is_named_in_optional_segments(
    change: Callable[[str, str, str], None], faults_of: Callable[[str, str, str], list[str]], new: str, expected: str
) -> None:
    change("symptom", "derives: [symptom.high", f"{SHOW}derives: [symptom.high")
    assert f"symptom:28: message: {expected}" in faults_of("symptom", PLACEHOLDER, new)

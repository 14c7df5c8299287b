"""A regular expression in a file compiles, matches something, and cannot take for ever."""

from __future__ import annotations

import pytest
from diagnose.rulebase.reading.patterns import MOST_CHARACTERS, Pattern, repeats_within_repeats
from pydantic import TypeAdapter, ValidationError

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

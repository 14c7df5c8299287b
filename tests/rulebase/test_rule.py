"""The spelling of names, and the limits that the engine sets to texts and numbers."""

from __future__ import annotations

import re

import pytest

from diagnose.engine.durable import encode
from diagnose.rulebase.rule import CLAIM_ID, FACT_NAME, MAX_TEXT, MAX_WHOLE, RULE_NAME, WORD


@pytest.mark.parametrize(
    ("pattern", "sound", "unsound"),
    [
        (RULE_NAME, ["lr-ratio", "high2low"], ["LR-ratio", "lr--ratio", "lr_ratio", "2nd-rate"]),
        (WORD, ["lr_ratio_min", "a", "x" * 80], ["2nd", "lr-ratio", "x" * 81, ""]),
        (FACT_NAME, ["steps", "weights.low.magnitude_2"], ["weights.", ".weights", "weights.2nd"]),
        (CLAIM_ID, ["WGT-01", "CASE-12"], ["WGT-1", "W-01", "wgt-01"]),
    ],
)
def test_names_are_spelled_in_one_way(pattern: str, sound: list[str], unsound: list[str]) -> None:
    assert all(re.fullmatch(pattern, text) for text in sound)
    assert not any(re.fullmatch(pattern, text) for text in unsound)


def test_what_a_rule_may_say_the_engine_can_hold() -> None:
    longest = encode.to_json(encode.as_text("\U0001f600" * MAX_TEXT))
    assert len(longest) < 2**16, "the engine counts characters in 16 bits"
    assert encode.as_double(MAX_WHOLE) == MAX_WHOLE
    assert float(MAX_WHOLE + 1) == MAX_WHOLE, "the next one is no double"

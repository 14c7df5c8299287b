"""Names of rules and topics that lead nowhere, and explanations in a circle, are faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest


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
def test_a_name_leads_somewhere_else(faults_of: Callable[[str, str, str], list[str]], line: str, fault: str) -> None:
    found = faults_of("symptom", "trainers: any", f"trainers: any\n{line}")
    assert any(each.endswith(fault) for each in found), found


def test_of_two_rules_only_one_is_the_cause(
    change: Callable[[str, str, str], None], faults_of: Callable[[str, str, str], list[str]]
) -> None:
    change("cause", "intent: any", "intent: any\nexplains: [high-noise-too-weak]")
    found = faults_of("symptom", "trainers: any", "trainers: any\nexplains: [experts-out-of-balance]")
    text = "experts-out-of-balance explains high-noise-too-weak as well; only one of the two is the cause"
    assert any(each.endswith(text) for each in found), found


def test_a_cause_may_name_what_it_explains(faults_of: Callable[[str, str, str], list[str]]) -> None:
    assert faults_of("cause", "intent: any", "intent: any\nexplains: [high-noise-too-weak]") == []

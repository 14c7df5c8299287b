"""Domains as data: read, checked, and rules of another domain left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace

from diagnose.core.resources import knowledge_dir, rules_dir
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.domain import Domain, DomainExpert
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.reading.load import Reading, load_rulebase

TWO = Domain("two", "Two experts", (DomainExpert("high", "high-noise expert"), DomainExpert("low", "low-noise expert")))


def test_our_domain_has_the_coarse_expert_first_and_a_page_that_exists() -> None:
    domain = load_rulebase([rules_dir()], knowledge_dir()).knowledge.domain
    assert dict(domain.titles) == {"high": "high-noise expert", "low": "low-noise expert"}
    assert domain.expert_names == ("high", "low")
    assert (knowledge_dir() / domain.document).is_file()


def test_a_rule_of_another_domain_is_left_out() -> None:
    rules = tuple(replace(BLANK_RULE, id=name, domain=name) for name in ("any", "two", "one"))
    base = RuleBase(rules, Knowledge(domains={"two": TWO}), "")
    assert [rule.id for rule in base.rules_in_domain] == ["any", "two"]


def test_without_a_domain_only_rules_for_any_are_judged() -> None:
    base = RuleBase((BLANK_RULE, replace(BLANK_RULE, id="X", domain="two")), Knowledge(), "")
    assert base.rules_in_domain == (BLANK_RULE,)
    assert base.knowledge.domain.experts == ()


def test_a_rule_names_a_domain_that_exists(faults_of: Callable[[str, str, str], list[str]]) -> None:
    [fault] = faults_of("symptom", "domain: wan22", "domain: wan21")
    assert fault.endswith("domain: there is no domain wan21; did you mean wan22?")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "name: flux\ntitle: F\nexperts: [{name: one, title: the one}]\n",
            "name: a domain has the name of its file, and is not called any",
        ),
        ("name: other\ntitle: F\nexperts: []\n", "experts: give at least 1"),
        (
            "name: other\ntitle: F\nexperts: [{name: a, title: x}, {name: a, title: y}]\n",
            "experts: two of them have the same name",
        ),
        (
            "name: other\ntitle: F\nexperts: [{name: a, title: x}]\nframe_rates: {other: 0}\n",
            "frame_rates.other: Input should be greater than 0",
        ),
    ],
)
def test_a_faulty_domain_is_named_with_its_line(base: Path, read: Callable[[], Reading], text: str, fault: str) -> None:
    (base / "knowledge" / "domains" / "other.yaml").write_text(text, encoding="utf-8")
    assert [each.text for each in read().faults] == [fault]

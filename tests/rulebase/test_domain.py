"""Domains as data: read, checked, and rules of another domain left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from blank_rule import BLANK_RULE
from msgspec.structs import replace
from sound_base import FaultsOf

from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.base import RuleBase
from diagnose.rulebase.domain import Domain, DomainExpert, Sampling, steps_above
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.reading.load import Reading, load_rulebase

TWO = Domain("two", "Two experts", (DomainExpert("high", "high-noise expert"), DomainExpert("low", "low-noise expert")))


def test_our_domain_has_the_coarse_expert_first_and_a_page_that_exists() -> None:
    domain = load_rulebase([rules_dir()], knowledge_dir()).knowledge.domain
    assert dict(domain.titles) == {"high": "high-noise expert", "low": "low-noise expert"}
    assert domain.expert_names == ("high", "low")
    assert (knowledge_dir() / domain.document).is_file()


def test_our_usual_workflow_is_described() -> None:
    workflow = load_rulebase([rules_dir()], knowledge_dir()).knowledge.domain.workflow
    assert workflow is not None
    assert workflow.sampling == Sampling("Euler", 5, 20, 3.5)
    assert (workflow.switch, workflow.speed_lora) == (10, "4-step LoRA")


@pytest.mark.parametrize(
    ("shift", "steps", "boundary", "above"),
    [
        (5, 20, 0.9, 8),
        (1, 10, 0.9, 2),
        (1, 10, 0.5, 6),
        (3, 25, 0.9, 7),
        (5, 20, 0, 20),
        (5, 1, 0.9, 1),
        (5, 4, 1.0, 1),
    ],
)
def test_the_steps_above_a_boundary(shift: float, steps: int, boundary: float, above: int) -> None:
    assert steps_above(boundary, shift=shift, steps=steps) == above


def test_a_rule_of_another_domain_is_left_out() -> None:
    rules = tuple(replace(BLANK_RULE, id=name, domain=name) for name in ("any", "two", "one"))
    base = RuleBase(rules, Knowledge(domains={"two": TWO}), "")
    assert [rule.id for rule in base.rules_in_domain] == ["any", "two"]


def test_without_a_domain_only_rules_for_any_are_judged() -> None:
    base = RuleBase((BLANK_RULE, replace(BLANK_RULE, id="X", domain="two")), Knowledge(), "")
    assert base.rules_in_domain == (BLANK_RULE,)
    assert base.knowledge.domain.experts == ()


def test_a_rule_names_a_domain_that_exists(faults_of: FaultsOf) -> None:
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
        (
            (
                "name: other\ntitle: F\nexperts: [{name: a, title: x}]\nworkflow: {name: w, switch: 10, base: fp8, family: f, "
                "source: s, speed_lora: n, "
                "sampling: {sampler: e, shift: 0, steps: 20, guidance: 3}}\n"
            ),
            "workflow.sampling.shift: Input should be greater than 0",
        ),
    ],
)
def test_a_faulty_domain_is_named_with_its_line(base: Path, read: Callable[[], Reading], text: str, fault: str) -> None:
    (base / "knowledge" / "domains" / "other.yaml").write_text(text, encoding="utf-8")
    assert [each.text for each in read().faults] == [fault]

"""Every text of our rules reads well, whichever of the values that it only shows are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

import pytest

from diagnose.core.model import Fact, Scalar
from diagnose.core.resources import knowledge_dir, rules_dir
from diagnose.rulebase.message import segments, worded
from diagnose.rulebase.reading.load import load_rulebase
from diagnose.rulebase.registry import FactType
from diagnose.rulebase.rule import Rule
from diagnose.rulebase.walk import bound_conditions, named_facts, shown_by_alias

BASE = load_rulebase([rules_dir()], knowledge_dir())
SAMPLES: Mapping[FactType, Scalar] = {FactType.NUMBER: 12.5, FactType.TEXT: "text", FactType.BOOL: True}
CLUMSY = re.compile(r"  | [.,;:)]|\( |[,;:][,;.:]|\.\.|[\[\]]|^[ ,;:.]|[ ,;:]$")
TEXTS = [
    pytest.param(rule, text, id=f"{rule.id}-{index}")
    for rule in BASE.rules
    for index, text in enumerate([rule.message, *(change.because for change in rule.changes)])
    if any(segment.optional for segment in segments(text))
]


def values(rule: Rule, unknown: frozenset[str]) -> dict[str, Fact]:
    facts = {alias: each.fact for alias, each in named_facts(rule).items() if alias not in unknown}
    declared = BASE.knowledge.facts
    return {a: Fact(f, "run", SAMPLES[declared[f].type] if f in declared else True) for a, f in facts.items()}


def ways(rule: Rule, text: str) -> Iterator[frozenset[str]]:
    """Everything unknown, nothing, and every one or two of the rest.

    Of two segments that follow each other at once one is always known: they are two ways to say a thing.
    """
    aliases = sorted(shown_by_alias(rule))
    every = frozenset(aliases)
    some = [frozenset(each) for count in range(min(3, len(aliases))) for each in combinations(aliases, count)]
    yield from (way for way in (*some, every) if "][" not in text or way != every)


@pytest.mark.parametrize(("rule", "text"), TEXTS)
def test_a_text_reads_well_whatever_is_known(rule: Rule, text: str) -> None:
    for unknown in ways(rule, text):
        said = worded(text, rule, values(rule, unknown), "high").strip()
        assert not CLUMSY.search(said), (sorted(unknown), said)
        assert re.search(r"\w", said)


def test_what_a_rule_only_shows_is_no_condition_of_it() -> None:
    for rule in BASE.rules:
        assert not shown_by_alias(rule).keys() & bound_conditions(rule).keys()

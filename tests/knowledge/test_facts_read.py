"""No fact is worked out for nobody."""

from __future__ import annotations

import pytest

from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.fact_declarations import FactDeclaration
from diagnose.rulebase.lints.whole import names_read
from diagnose.rulebase.reading.load import read_rulebase

READING = read_rulebase([rules_dir()], knowledge_dir())
READ = names_read(READING.files, READING.knowledge)


@pytest.mark.parametrize("fact", READING.knowledge.facts.values(), ids=lambda fact: fact.name)
def test_a_fact_is_read_or_says_whom_it_serves(fact: FactDeclaration) -> None:
    if fact.name in READ:
        assert not fact.serves, "a rule, a rival or a row reads it; leave serves out"
    else:
        assert fact.serves, "no rule, rival or row reads it; say under serves who does, or leave the fact out"

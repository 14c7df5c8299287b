"""A fact as evidence: with the meaning of its declaration, and the first place it was read at."""

from __future__ import annotations

from builders import KNOWLEDGE

from diagnose.core.values import Fact, Place
from diagnose.verdict.judgement import evidence_of


def test_evidence_says_what_the_fact_means_and_where_it_was_read() -> None:
    first, second = Place("a.yaml", line=1), Place("b.yaml", line=2)
    found = evidence_of(Fact("lr.ratio", "run", 3.0, unit="", places=(first, second), note="at the end"), KNOWLEDGE)
    assert (found.source, found.value, found.note, found.subject) == (first, 3.0, "at the end", "run")
    assert found.meaning == KNOWLEDGE.facts["lr.ratio"].meaning


def test_what_is_not_declared_and_was_read_nowhere_is_shown_bare() -> None:
    found = evidence_of(Fact("nobody.declared", "run", 3.0), KNOWLEDGE)
    assert (found.meaning, found.source) == ("", None)

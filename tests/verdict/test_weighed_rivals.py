"""Rivals of any finding under any facts: never surer, at most a step less sure, and a test that is the cheapest left."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from made_findings import found

from diagnose.core.values import Confidence, Fact, Quality, Scalar
from diagnose.engine.inference import Inference
from diagnose.rulebase.comparison import is_number, literals
from diagnose.rulebase.rivals import Cost
from diagnose.rulebase.rule import EACH
from diagnose.settings import Settings, rule_base
from diagnose.verdict.examine import Grounds
from diagnose.verdict.judgement import RivalState
from diagnose.verdict.weighed_rivals import Rivals

BASE = rule_base(Settings())
KNOWLEDGE = BASE.knowledge
FINDINGS = sorted({rule for rival in KNOWLEDGE.rivals.values() for rule in rival.explains})
NOTHING = Inference("python matcher", "", (), (), (), (), (), ())


def values_of(name: str) -> st.SearchStrategy[Scalar | None]:
    """Values at and around every limit that some rival compares the fact with, and unknown."""
    tests = [t for r in KNOWLEDGE.rivals.values() for c in r.conditions if c.fact == name for t in c.tests]
    found: list[Scalar | None] = [None]
    for operand in (literal for test in tests for literal in literals(test)):
        found += [operand - 1, operand, operand + 1] if is_number(operand) else [operand]
        found += [not operand] if isinstance(operand, bool) else []
        found += ["something else"] if isinstance(operand, str) else []
    return st.sampled_from(found)


KEYS = {
    (condition.fact, subject)
    for rival in KNOWLEDGE.rivals.values()
    for condition in rival.conditions
    for subject in (("a", "b") if condition.subject == EACH else (condition.subject,))
}
FACTS = st.fixed_dictionaries({}, optional={key: values_of(key[0]) for key in sorted(KEYS)})


def rivals_of(given_facts: Mapping[tuple[str, str], Scalar | None], *, before_a_run: bool = False) -> Rivals:
    facts = [
        Fact(name, subject, value, quality=Quality.UNKNOWN if value is None else Quality.EXACT)
        for (name, subject), value in given_facts.items()
    ]
    return Rivals(KNOWLEDGE, Grounds((), facts, NOTHING), before_a_run=before_a_run)


@given(FACTS, st.sampled_from(FINDINGS), st.sampled_from(Confidence), st.booleans())
def test_a_finding_is_never_surer_and_at_most_a_step_less_sure(
    facts: Mapping[tuple[str, str], Scalar | None], rule: str, confidence: Confidence, before_a_run: bool
) -> None:
    doubt = rivals_of(facts, before_a_run=before_a_run).doubted(found(rule, "major", confidence=confidence))
    supported = any(rival.state is RivalState.SUPPORTED for rival in doubt.rivals)
    assert doubt.confidence.rank == min(confidence.rank + supported, Confidence.LOW.rank)
    assert (doubt.lowered is not None) is supported


@given(FACTS, st.sampled_from(FINDINGS))
def test_the_test_is_the_cheapest_of_those_left(facts: Mapping[tuple[str, str], Scalar | None], rule: str) -> None:
    doubt = rivals_of(facts).doubted(found(rule, "major"))
    left = {rival.id: rival for rival in doubt.rivals if rival.state is not RivalState.RULED_OUT}
    if not left:
        assert doubt.cheapest_test is None
        return
    assert doubt.cheapest_test is not None
    assert set(doubt.cheapest_test.rivals) <= set(left)
    assert Cost(doubt.cheapest_test.cost).rank == min(Cost(rival.test.cost).rank for rival in left.values())


@given(FACTS, st.sampled_from(FINDINGS))
def test_what_is_decided_shows_why_and_what_is_open_lacks_or_has_its_facts(
    facts: Mapping[tuple[str, str], Scalar | None], rule: str
) -> None:
    for rival in rivals_of(facts).doubted(found(rule, "major")).rivals:
        if rival.state is RivalState.OPEN:
            assert rival.needs or rival.evidence
        else:
            assert rival.evidence
            assert not rival.needs


@given(FACTS, st.sampled_from(FINDINGS), st.data())
def test_losing_a_fact_decides_nothing_that_was_open(
    facts: Mapping[tuple[str, str], Scalar | None], rule: str, data: st.DataObject
) -> None:
    known = [key for key, value in facts.items() if value is not None]
    if not known:
        return
    lost = data.draw(st.sampled_from(known))
    before = {each.id: each.state for each in rivals_of(facts).doubted(found(rule, "major")).rivals}
    after = {each.id: each.state for each in rivals_of({**facts, lost: None}).doubted(found(rule, "major")).rivals}
    for id_, state in after.items():
        if before[id_] is RivalState.OPEN:
            assert state is RivalState.OPEN

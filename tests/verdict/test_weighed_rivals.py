"""Rivals of any finding under any facts: never surer, at most a step less sure, and a test that is the cheapest left."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_findings import found
from msgspec.structs import replace

from diagnose.core.values import Confidence, Fact, Quality, Scalar
from diagnose.engine.inference import Inference
from diagnose.rulebase.comparison import is_number, literals
from diagnose.rulebase.rivals import Cost, Rival, RivalGrade, RivalTest
from diagnose.rulebase.rule import EACH, Condition, Op, Test
from diagnose.settings import Settings, rule_base
from diagnose.verdict.examine import Grounds
from diagnose.verdict.judgement import Finding, RivalState
from diagnose.verdict.judgement import RivalTest as RunTest
from diagnose.verdict.weighed_rivals import Rivals

BASE = rule_base(Settings())
KNOWLEDGE = BASE.knowledge
FINDINGS = sorted({rule for rival in KNOWLEDGE.rivals.values() for rule in rival.explains})
NOTHING = Inference((), (), (), (), (), ())


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


def asks(fact: str, operand: Scalar, subject: str = "run") -> Condition:
    return Condition(fact, subject, (Test(Op.IS, operand),), fact)


def rival(
    id_: str, out: Condition | None = None, by: Condition | None = None, *, cost: Cost = Cost.LOOK, does: str = "look"
) -> Rival:
    ruled_out_by, supported_by = (((each,),) if each is not None else () for each in (out, by))
    explains = {"tame": RivalTest(id_, does, cost)}
    return Rival(id_, explains, id_, "", ruled_out_by, supported_by, None, RivalGrade.REPORTED, ("a page",))


def doubted(*rivals: Rival, before_a_run: bool = False, **facts: Scalar | None) -> Finding:
    """A finding of high confidence beside these rivals; a fact of each subject as `name__subject`."""
    known = []
    for key, value in facts.items():
        name, _, subject = key.partition("__")
        quality = Quality.UNKNOWN if value is None else Quality.EXACT
        known.append(Fact(f"log.{name}", subject or "run", value, quality=quality))
    knowledge = replace(KNOWLEDGE, rivals={each.id: each for each in rivals})
    held = Rivals(knowledge, Grounds((), known, NOTHING), before_a_run=before_a_run)
    return held.doubted(found("tame", "major"))


SLOW = asks("log.slow", operand=True)


def test_what_lowers_a_finding_counts_the_supported() -> None:
    one = doubted(rival("a", by=SLOW), slow=True)
    assert (one.confidence, one.lowered) == (
        Confidence.MEDIUM, "lowered: another cause fits this run too",
    )  # fmt: skip
    two = doubted(rival("a", by=SLOW), rival("b", by=SLOW), slow=True)
    assert (two.confidence, two.lowered) == (
        Confidence.MEDIUM, "lowered: 2 other causes fit this run too",
    )  # fmt: skip


def test_one_that_is_low_already_is_not_called_lowered() -> None:
    held = Rivals(
        replace(KNOWLEDGE, rivals={"a": rival("a", by=SLOW)}), Grounds((), [SLOW_FACT], NOTHING), before_a_run=False
    )
    assert held.doubted(found("tame", "major", confidence=Confidence.LOW)).lowered == (
        "another cause fits this run too"
    )


SLOW_FACT = Fact("log.slow", "run", value=True)


def test_unrivalled_is_one_with_rivals_that_are_all_ruled_out() -> None:
    assert not doubted(slow=True).unrivalled
    assert doubted(rival("a", out=SLOW), slow=True).unrivalled
    assert not doubted(rival("a", out=SLOW), rival("b"), slow=True).unrivalled


def test_before_a_run_only_what_a_config_decides_is_weighed() -> None:
    assert [each.id for each in doubted(rival("a", out=SLOW), before_a_run=True).rivals] == []
    assert [each.id for each in doubted(rival("a", out=SLOW), before_a_run=True, slow=True).rivals] == ["a"]
    assert [each.id for each in doubted(rival("a", out=SLOW)).rivals] == ["a"]


EVERY = asks("log.slow", operand=True, subject=EACH)


@pytest.mark.parametrize(
    ("out", "first", "second", "state", "shown"),
    [
        (True, True, True, RivalState.RULED_OUT, ["x", "y"]),
        (True, True, False, RivalState.OPEN, ["x", "y"]),
        (True, True, None, RivalState.OPEN, ["x"]),
        (False, True, True, RivalState.SUPPORTED, ["x"]),
        (False, False, True, RivalState.SUPPORTED, ["y"]),
        (False, False, False, RivalState.OPEN, ["x", "y"]),
    ],
)
def test_every_subject_rules_out_and_one_supports(
    out: bool, first: bool | None, second: bool | None, state: RivalState, shown: list[str]
) -> None:
    own = rival("a", out=EVERY) if out else rival("a", by=EVERY)
    [held] = doubted(own, slow__x=first, slow__y=second).rivals
    assert (held.state, [each.subject for each in held.evidence]) == (state, shown)


def test_of_many_subjects_the_first_four_are_shown() -> None:
    [held] = doubted(rival("a", out=EVERY), **{f"slow__{each}": True for each in "abcdef"}).rivals
    assert [each.subject for each in held.evidence] == list("abcd")


def test_the_cheapest_test_bears_on_a_supported_rival_or_tells_most_apart() -> None:
    dear = rival("dear", by=SLOW, cost=Cost.RUN, does="train again")
    plain, other = rival("plain", does="look here"), rival("other", by=SLOW, does="look there")
    assert doubted(dear, plain, slow=True).cheapest_test == RunTest("look here", "a look", ("plain",))
    assert doubted(plain, other, slow=True).cheapest_test == RunTest("look there", "a look", ("other",))
    more = [rival(each, does="look at both") for each in ("b", "c")]
    assert doubted(plain, *more).cheapest_test == RunTest("look at both", "a look", ("b", "c"))
    assert doubted(rival("a", out=SLOW), slow=True).cheapest_test is None

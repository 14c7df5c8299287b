"""Findings, advice and parts of a report that exclude each other: only one of them is printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.core.values import Confidence, Severity
from diagnose.facts.known import Known
from diagnose.facts.trend import Trend
from diagnose.facts.weights.courses import Course, Measure, Turn
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.rulebase.knowledge import questions_by_answer
from diagnose.rulebase.rule import Applicability, ChangeOp, Rule
from diagnose.settings import Settings, rule_base
from diagnose.verdict.judgement import Change, Finding
from diagnose.verdict.one_answer import Agreed, agree, said_by_parts

BASE = rule_base(Settings())
RULES = {rule.id: rule for rule in BASE.rules}
NAMED = {rule.name: rule for rule in BASE.rules}
QUESTIONS = BASE.knowledge.questions
ASKED = questions_by_answer(QUESTIONS)
STATING = [rule for rule in BASE.rules if rule.states or any(change.states for change in rule.changes)]
PARTS = [(answer.name, part) for question in QUESTIONS.values() for answer in question.answers for part in answer.parts]


def advice(rule: Rule) -> tuple[Change, ...]:
    asked = [spec for spec in rule.changes if spec.op is ChangeOp.ADVISE]
    return tuple(
        Change("", spec.op, None, None, spec.because, (), Applicability.MANUAL, (rule.name,), spec.states)
        for spec in asked
    )


def finding(rule: Rule) -> Finding:
    return Finding(
        name=rule.name, rule=rule.id, subject="run", severity=rule.severity or Severity.INFO, title=rule.title,
        confidence=Confidence.LOW, message="m", why="w", claims=(), params=(), evidence=(), chain=(), explains=(),
        known_problems=(), changes=advice(rule),
    )  # fmt: skip


def agreed(rules: Sequence[Rule], parts: Sequence[tuple[str, str]] = ()) -> Agreed:
    findings = [finding(rule) for rule in rules if rule.severity is not None]
    changes = [change for rule in rules for change in advice(rule)]
    return agree(QUESTIONS, RULES, findings, changes, parts)


def answers(found: Agreed) -> set[str]:
    every = [*found.changes, *(change for each in found.findings for change in each.changes)]
    said = [RULES[each.rule].states for each in found.findings] + [change.states for change in every]
    return {answer for answer in said if answer is not None}


@given(st.sets(st.sampled_from(range(len(STATING)))), st.sets(st.sampled_from(PARTS)))
def test_whatever_fires_no_two_answers_to_a_question_are_printed(which: set[int], parts: set[tuple[str, str]]) -> None:
    found = agreed([STATING[index] for index in sorted(which)], sorted(parts))
    unsaid = {each.answer for each in found.unsaid}
    printed = answers(found) | {answer for answer, _ in parts if answer not in unsaid}
    for one, other in combinations(sorted(printed), 2):
        assert ASKED[one] is not ASKED[other]
    for each in found.unsaid:
        assert each.instead in printed


@given(st.sets(st.sampled_from(range(len(BASE.rules)))))
def test_no_grave_finding_is_ever_left_out(which: set[int]) -> None:
    rules = [BASE.rules[index] for index in sorted(which)]
    left = {each.name for each in agreed(rules, PARTS).findings}
    assert {
        rule.name for rule in rules if rule.severity is not None and rule.severity.rank < Severity.INFO.rank
    } <= left


def test_an_earlier_checkpoint_is_not_recommended_beside_those_to_keep() -> None:
    rule = NAMED["an-earlier-save-led-by-more"]
    assert len(agreed([rule]).changes) == 1
    assert agreed([rule], [("some-checkpoints-of-use", "keep")]).changes == ()
    assert agreed([rule], [("no-checkpoint-of-use", "keep")]).changes == ()


def test_nothing_is_to_be_kept_of_a_lora_that_learned_nothing() -> None:
    found = agreed([NAMED["lora-did-not-learn"]], [("some-checkpoints-of-use", "keep")])
    [unsaid] = found.unsaid
    assert (unsaid.answer, unsaid.by, unsaid.to) == ("some-checkpoints-of-use", "keep", "lora-did-not-learn")


def test_a_change_of_the_config_is_never_left_out() -> None:
    rule = replace(NAMED["save-cadence-too-coarse"], states=None)
    key = Change("save.save_every", ChangeOp.SET, 500, 100, "so", (), Applicability.SAFE, (rule.name,))
    found = agree(QUESTIONS, {**RULES, rule.id: rule}, [finding(rule)], [key], PARTS)
    assert found.changes == (key,)


CERTAIN, OPEN = Trend(1.0, 0.5, 1.5, 9), Trend(1.0, -0.5, 1.5, 9)
TURN = Turn(900, 800, 1000)


def known(keep: Keep | None, *courses: Course) -> Known:
    course = Trajectory(None, "", 0, 100, {}, None, None, courses, ()) if courses else None
    evolution = Evolution(course, (), (), keep)
    return cast("Known", SimpleNamespace(evolution=evolution))


def gap(trend: Trend, turn: Turn | None = None, measure: Measure = Measure.MAGNITUDE) -> Course:
    return Course(measure, measure is Measure.MAGNITUDE, OPEN, OPEN, trend, turn)


@pytest.mark.parametrize(
    ("keep", "courses", "said"),
    [
        (None, (), set()),
        (Keep((), (), (), (), ""), (), set()),
        (Keep((100,), (), (), (), ""), (), {("some-checkpoints-of-use", "keep")}),
        (Keep((), (), (), (), "all NaN"), (), {("no-checkpoint-of-use", "keep"), ("start-anew", "keep")}),
        (None, (gap(OPEN),), set()),
        (None, (gap(CERTAIN),), {("high-noise-gains", "trajectory")}),
        (None, (gap(CERTAIN, TURN),), {("low-noise-gains", "trajectory")}),
        (None, (gap(OPEN, TURN),), {("low-noise-gains", "trajectory")}),
        (None, (gap(CERTAIN, None, Measure.NORM),), set()),
        (None, (gap(CERTAIN, TURN, Measure.NORM), gap(CERTAIN)), {("high-noise-gains", "trajectory")}),
    ],
)
def test_what_parts_of_a_report_say(keep: Keep | None, courses: tuple[Course, ...], said: set[tuple[str, str]]) -> None:
    assert set(said_by_parts(known(keep, *courses), QUESTIONS)) == said

"""One invariant: the C engine, the matcher and a naive reading of the rules say the same, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.core.values import Fact, Place, Quality, Scalar, Stage
from diagnose.engine.infer import infer
from diagnose.engine.inference import MATCHER, Inference
from diagnose.rulebase.rule import EACH, AnyOf, Condition, Op, Reference, Rule, Test

SUBJECTS = ("run", "high", "low", 'key "é" \\')
GIVEN = ("rate", 'a "name" \\ é', "loss")
CONCLUDED = {Stage.SYMPTOM: ("s1", "s2"), Stage.CAUSE: ("c1", "s2"), Stage.REMEDY: ("r1",)}
NAMES = (*GIVEN, *GIVEN, *GIVEN, "s1", "s2", "c1", "r1", "never")
ALIASES = ("g", "i", "c0", "v0", "a$not", "é")
POOL: tuple[Scalar, ...] = (
    *(0, 0.0, -0.0, 1, 1.0, True, False, 2, 3, 0.3, 0.1 + 0.2, 5e-06, 4.9e-06, 1e-05, 1e22, 5e-324, 1.7e308),
    *(2**53, -(2**53), "", "a", "a b", "1", "1.0", "True", "number:1.0", '": 5e-06', '\\"', "é\n", "\U0001f3ac"),
)
TIMES = (1.0, 1, 2.0, 0.5, 1 / 3, -1.0, 0.0, 1e300)
PLAIN = (Op.IS, Op.IS_NOT, Op.LT, Op.LE, Op.GT, Op.GE)

doubles = st.floats(allow_nan=False, allow_infinity=False)
values = st.sampled_from(POOL) | st.sampled_from(POOL) | doubles | st.integers(-(2**53), 2**53) | st.text(max_size=5)
lucky = st.integers(0, 3).map(bool)


@st.composite
def facts_of_a_run(draw: st.DrawFn) -> list[Fact]:
    made = []
    for name in GIVEN:
        for subject in SUBJECTS[: draw(st.integers(2, 4))]:
            value = draw(values) if draw(lucky) or draw(lucky) else None
            quality = Quality.UNKNOWN if value is None else Quality.EXACT
            made.append(Fact(name, subject, value, quality=quality, places=(Place("a.yaml", draw(st.integers(1, 3))),)))
    return made


@st.composite
def some_test(draw: st.DrawFn, value: Scalar | None, aliases: tuple[str, ...], *, holds: bool) -> Test:
    """With luck a test that `value` passes or fails, as asked."""
    if draw(lucky) and value is not None:
        numeric = (Op.LE, Op.GE) if holds else (Op.LT, Op.GT)
        right, wrong = (Op.IS, Op.IS_NOT) if holds else (Op.IS_NOT, Op.IS)
        choices = [
            Test(right, value),
            Test(wrong, draw(values)),
            Test(Op.IN, (draw(values), value) if holds else ()),
        ]
        return draw(st.sampled_from([*choices, *(Test(op, value) for op in numeric if type(value) in (int, float))]))
    reference = st.builds(Reference, st.sampled_from(aliases), st.sampled_from(TIMES) | st.floats(-1e6, 1e6))
    return Test(draw(st.sampled_from(PLAIN)), draw(reference | values))


@st.composite
def some_condition(
    draw: st.DrawFn,
    alias: str,
    aliases: tuple[str, ...],
    known: dict[tuple[str, str], Any],
    *,
    each: bool,
    holds: bool,
) -> Condition:
    name = draw(st.sampled_from(NAMES))
    subject = draw(st.sampled_from((EACH, EACH, *SUBJECTS[:3]) if each else SUBJECTS[:3]))
    if name not in GIVEN:
        return Condition(name, subject, (Test(Op.IS, operand=True),)[: draw(st.integers(0, 1))], alias)
    value = known.get((name, draw(st.sampled_from(SUBJECTS[:3])) if subject == EACH else subject))
    count = draw(st.sampled_from((0, 1, 1, 2)))
    tests = [draw(some_test(value, aliases, holds=holds)) for _ in range(count)]
    return Condition(name, subject, tuple(tests), alias)


@st.composite
def rule_parts(draw: st.DrawFn, known: dict[tuple[str, str], Any]) -> dict[str, Any]:
    each = draw(st.booleans())
    parts: dict[str, list[Any]] = {"applies": [], "when": [], "unless": []}
    aliases = ALIASES[: draw(st.sampled_from((1, 1, 2, 2, 3, 5)))]
    for alias in aliases:
        part = draw(st.sampled_from(("when", "when", "applies", "unless")))
        parts[part].append(draw(some_condition(alias, aliases, known, each=each, holds=part != "unless")))
    for clause in range(draw(st.sampled_from((0, 0, 1, 2)))):
        names = [f"any {clause} {n}" for n in range(draw(st.sampled_from((2, 3, 1, 0))))]
        ways = [draw(some_condition(alias, aliases, known, each=each, holds=True)) for alias in names]
        parts["when"].append(AnyOf(tuple(ways)))
    stage = draw(st.sampled_from(Stage))
    derives = draw(st.lists(st.sampled_from(CONCLUDED[stage]), unique=True, max_size=2))
    return {"stage": stage, "derives": tuple(derives), **{part: tuple(found) for part, found in parts.items()}}


Case: TypeAlias = "tuple[list[dict[str, Any]], list[Fact]]"


@st.composite
def cases(draw: st.DrawFn) -> Case:
    facts = draw(facts_of_a_run())
    known = {fact.key: fact.value for fact in facts if fact.known}
    return [draw(rule_parts(known)) for _ in range(draw(st.integers(1, 6)))], facts


def check(
    case: Case,
    make_rule: Callable[..., Rule],
    naive: Callable[..., Inference],
    engine: Literal["matcher", "durable"],
) -> None:
    parts, facts = case
    rules = [make_rule(f"rule {n}", **part) for n, part in enumerate(parts)]
    expected = naive(rules, facts)
    for got in (infer(rules, facts, engine=engine), infer(rules[::-1], facts[::-1], engine=engine)):
        assert replace(got, engine=MATCHER) == expected


agreement = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@agreement
@given(case=cases())
def test_matcher_says_what_the_naive_reading_says(
    case: Case, make_rule: Callable[..., Rule], naive: Callable[..., Inference]
) -> None:
    check(case, make_rule, naive, "matcher")


@pytest.mark.usefixtures("c_engine")
@agreement
@given(case=cases())
def test_c_engine_says_what_the_naive_reading_says(
    case: Case, make_rule: Callable[..., Rule], naive: Callable[..., Inference]
) -> None:
    check(case, make_rule, naive, "durable")

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import pytest
from msgspec.structs import replace
from sound_base import FileOf

from diagnose.core.errors import EngineError
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.core.values import Fact
from diagnose.engine.cases import CaseResult, mutants, run_cases
from diagnose.engine.infer import infer
from diagnose.engine.inference import Inference
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.load import Reading, read_rulebase
from diagnose.rulebase.rule import AnyOf, Condition, Op, Rule
from diagnose.verdict.build_findings import graded_severity

MATCH = partial(infer, engine="matcher")


def run(files: Sequence[RuleFile]) -> tuple[CaseResult, ...]:
    return run_cases(files, MATCH, graded_severity)


def told(faults: Sequence[object]) -> list[str]:
    return [str(fault).split(".yaml:", 1)[1] for fault in faults]


def test_the_sound_base_passes_and_needs_every_part(read: Callable[[], Reading]) -> None:
    results = run(read().files)
    assert [(result.rule.id, result.failures, len(result.needed), result.dispensable) for result in results] == [
        ("CAU001", (), 4, ()),
        ("REM001", (), 1, ()),
        ("WGT001", (), 7, ()),
    ]


FAILURES = [
    ("magnitude@high: 0.01, weights", "magnitude@high: 0.02, weights", "20: tests[0]: fires: it should fire; it stays silent"),
    ("given: {symptom.high_noise_too_weak: true, weights.magnitude@high: 0.01, weights.magnitude@low: 0.02}", "given: {symptom.high_noise_too_weak: null, weights.magnitude@high: 0.01}", "20: tests[0]: fires: it should fire; it lacks symptom.high_noise_too_weak"),
    ("high_noise_too_weak: false, weights", "high_noise_too_weak: true, weights", "21: tests[1]: silent: it should not fire; it fires for high"),
    ("{symptom.high_noise_too_weak: false, weights.magnitude@high: 0.005}", "{weights.magnitude@high: 0.005}", "21: tests[1]: silent: it should be evaluated and stay silent; it lacks symptom.high_noise_too_weak"),
    ("subjects: [high]", "subjects: [low, high]", "20: tests[0]: fires: it should fire for high, low; it fires for high"),
    ("message: The high-noise expert has 0.01.", "message: Else.", "20: tests[0]: fires: the message is not as expected but: The high-noise expert has 0.01."),
    ("message: The high-noise expert has 0.01.", "severity: major", "20: tests[0]: fires: the severity should be major; it is minor"),
    ("missing: [weights.magnitude]", "missing: [symptom.high_noise_too_weak]", "23: tests[3]: unknown: it should lack symptom.high_noise_too_weak; it lacks weights.magnitude"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAILURES, ids=[fault[2] for fault in FAILURES])
def test_a_case_that_comes_out_otherwise_is_told(file_of: FileOf, old: str, new: str, expected: str) -> None:
    [result] = run([file_of("cause", old, new)])
    assert told(result.failures) == [expected]
    assert (result.needed, result.limits, result.dispensable) == ((), (), ())


DISPENSABLE = [
    ("symptom", "  - {fact: weights.kind, is: lora}\n", "  - {fact: weights.kind, is: lora}\n  - {fact: run.steps, lt: 9000}\n", "20: applies[1]"),
    ("symptom", "of: low, gt: {ref: magnitude_high, times: 0.5}", "of: low, gt: {ref: magnitude_high, times: 0.5}, le: 1", "22: when[1].le"),
    ("symptom", "      - {fact: run.steps, ge: 2000}\n", "      - {fact: run.steps, ge: 2000}\n      - {fact: run.steps, gt: 2500}\n", "26: when[2].any[2]"),
    ("symptom", "  - {fact: run.paused, is: true}\n", "  - {fact: run.paused, is: true}\n  - {fact: weights.kind, is: loha}\n", "28: unless[1]"),
    ("cause", "  - {fact: symptom.high_noise_too_weak}\n", "  - {fact: symptom.high_noise_too_weak}\n  - {fact: weights.magnitude, of: each, as: again}\n", "16: when[1]"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "place"), DISPENSABLE, ids=[fault[3] for fault in DISPENSABLE])
def test_a_part_that_no_case_misses_is_told(file_of: FileOf, part: str, old: str, new: str, place: str) -> None:
    [result] = run([file_of(part, old, new)])
    assert told(result.dispensable) == [f"{place}: no case fails without it; add one that does, or leave it out"]


def test_a_test_is_needed_even_where_a_case_leaves_its_fact_unknown(file_of: FileOf) -> None:
    silent = "  - {name: silent at the lower limit, given: {symptom.high_noise_too_weak: true, weights.magnitude@low: 0.001}, expect: {fires: false}}\n"
    [result] = run([file_of("cause", silent, "")])
    assert told(result.dispensable) == ["16: when[1].gt: no case fails without it; add one that does, or leave it out"]


def test_the_case_that_shows_a_limit_is_named(file_of: FileOf) -> None:
    [result] = run([file_of("cause")])
    assert result.limits == ((("when", 1, "le"), "fires"), (("when", 1, "gt"), "silent at the lower limit"))
    assert result.undecided == ()


def test_a_limit_that_no_case_stands_at_is_told(file_of: FileOf) -> None:
    [result] = run([file_of("symptom", "magnitude@high: 0.004", "magnitude@high: 0.0041")])
    assert told(result.undecided) == ["10: grades[0].lt: no case shows what happens exactly at this limit"]


def test_a_part_is_tried_until_one_case_misses_it(file_of: FileOf) -> None:
    asked: list[Rule] = []

    def counting(rules: Sequence[Rule], facts: Sequence[Fact]) -> Inference:
        asked.extend(rules)
        return infer(rules, facts, engine="matcher")

    file = file_of("remedy")
    run_cases([file], counting, graded_severity)
    assert [rule == file.rule for rule in asked] == [True, True, True, False, False]


@pytest.mark.parametrize("engine", ["matcher", "durable"])
def test_our_own_rules_pass_their_cases_and_need_every_part(engine: Literal["matcher", "durable"]) -> None:
    try:
        infer([], [], engine=engine)
    except EngineError as reason:
        pytest.skip(str(reason))
    files = read_rulebase([rules_dir()], knowledge_dir()).files
    results = run_cases(files, partial(infer, engine=engine), graded_severity)
    assert told([fault for result in results for fault in (*result.failures, *result.dispensable)]) == []


def whens(rule: Rule) -> list[str]:
    """Each clause of `when` in short."""
    return [_short(clause) for clause in rule.when]


def _short(clause: Condition | AnyOf) -> str:
    if isinstance(clause, AnyOf):
        return f"any({' '.join(map(_short, clause.alternatives))})"
    return " ".join([clause.alias, *(test.op.value for test in clause.tests)])


def test_each_part_is_dropped_in_turn(file_of: FileOf) -> None:
    found = list(mutants(file_of("symptom").rule))
    assert [path for path, _ in found] == [
        ("applies", 0),
        ("when", 0),
        ("when", 1),
        ("when", 2, "any", 0),
        ("when", 2, "any", 1),
        ("unless", 0),
        ("when", 2),
    ]
    whole = ["magnitude_high lt", "magnitude_low gt", "any(ratio lt steps ge)"]
    assert [whens(rule) for _, rule in found] == [
        whole,
        ["magnitude_high", *whole[1:]],
        [whole[0], "magnitude_low", whole[2]],
        [*whole[:2], "any(steps ge)"],
        [*whole[:2], "any(ratio lt)"],
        whole,
        whole[:2],
    ]
    assert found[0][1].applies[0].tests == ()
    assert found[5][1].unless == ()


def test_one_of_two_tests_is_dropped(file_of: FileOf) -> None:
    found = dict(mutants(file_of("cause").rule))
    assert list(found) == [("when", 0), ("when", 1), ("when", 1, "le"), ("when", 1, "gt")]
    assert [whens(rule)[1] for rule in found.values()] == ["size le gt", "size", "size gt", "size le"]


def test_a_condition_without_tests_is_dropped_unless_it_is_named(file_of: FileOf) -> None:
    rule = file_of("cause", "as: size}\n", "as: size}\n  - {fact: lr.ratio}\n  - {fact: run.steps, as: length}\n").rule
    assert ("when", 2) in dict(mutants(rule))
    assert ("when", 3) in dict(mutants(rule))
    assert whens(dict(mutants(rule))["when", 2])[2:] == ["length"]


def test_a_condition_the_message_names_stays(file_of: FileOf) -> None:
    rule = file_of("cause", "gt: 0.001, le: 0.01, as: size", "as: size").rule
    assert ("when", 1) not in dict(mutants(rule))


def test_a_shown_fact_is_dropped_where_a_case_could_tell(file_of: FileOf) -> None:
    shown = "show:\n  - {fact: run.steps, as: steps}\n  - {fact: run.paused}\nderives: [cause.out"
    rule = file_of("cause", "derives: [cause.out", shown).rule
    assert ("show", 0) not in dict(mutants(rule))
    named = dict(mutants(replace(rule, message=f"{rule.message}[ after {{steps}}]")))
    assert [each.fact for each in named["show", 0].show] == ["run.paused"]
    assert ("show", 1) not in named


def test_the_rule_itself_is_left_alone(file_of: FileOf) -> None:
    rule = file_of("symptom").rule
    assert all(mutant != rule for _, mutant in mutants(rule))
    condition = rule.when[0]
    assert isinstance(condition, Condition)
    assert [test.op for test in condition.tests] == [Op.LT]

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from diagnose.rulebase.mutants import mutants
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import AnyOf, Condition, Op, Rule

FileOf = Callable[..., RuleFile]


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

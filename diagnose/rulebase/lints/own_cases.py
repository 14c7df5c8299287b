"""A rule's own test cases: what they give exists, and they show it firing, silent, at a limit and unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.core.errors import nearest
from diagnose.core.values import Scalar, Stage
from diagnose.rulebase.comparison import ORDERED, literals, same, scaled
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.lints.vocabulary import Vocabulary, disordered, is_resolved, misplaced_subject, wrong_type
from diagnose.rulebase.reading.build import RuleFile, fact_and_subject
from diagnose.rulebase.rule import EACH, Case, Condition, Reference, Rule, Shown, Test
from diagnose.rulebase.walk import conditions, named_facts, shown_by_alias


def lint_cases(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each case that cannot be what it says, and for each kind of case that is missing."""
    names: set[str] = set()
    for index, case in enumerate(file.rule.cases):
        place: KeyPath = ("tests", index)
        if case.name in names:
            yield file.fault((*place, "name"), "another case has this name already")
        names.add(case.name)
        yield from _expect_faults(file, (*place, "expect"), case)
    yield from _given(file, words)
    for lacking in _lacking(file.rule):
        yield file.fault(("tests",), lacking)
    for path, condition, test in _limits(file.rule):
        sound = is_resolved(test, file.rule) and disordered(test, condition.fact, words) is None
        if sound and not any(_at_limit(file.rule, case, condition, test) for case in file.rule.cases):
            text = f"no case is exactly at this limit: give {condition.fact} exactly the value it is compared with"
            yield file.fault((*path, test.op.value), text)


def _given(file: RuleFile, words: Vocabulary) -> Iterator[Fault]:
    """Yield the faults of what all cases share, and of what each case gives besides."""
    base: Mapping[str, Scalar | None] = file.document.data.get("base") or {}
    shared = {fact_and_subject(key): value for key, value in base.items()}
    owns: list[Mapping[str, Scalar | None]] = [each.get("given") or {} for each in file.document.data["tests"]]
    yield from _given_faults(file, ("base",), base, words)
    for index, own in enumerate(owns):
        place: KeyPath = ("tests", index, "given")
        yield from _given_faults(file, place, own, words)
        for key, value in own.items():
            fact = fact_and_subject(key)
            if fact in shared and (shared[fact] is value or same(shared[fact], value)):
                yield file.fault((*place, key), f"base gives {key} this value already")
    for key in base:
        if all(fact_and_subject(key) in map(fact_and_subject, own) for own in owns):
            yield file.fault(("base", key), f"every case gives {key} a value of its own")


def _given_faults(
    file: RuleFile, place: KeyPath, given: Mapping[str, Scalar | None], words: Vocabulary
) -> Iterator[Fault]:
    read = {*(placed.condition.fact for placed in conditions(file.rule)), *(each.fact for each in file.rule.show)}
    seen: set[tuple[str, str]] = set()
    for key, value in given.items():
        fact, subject = fact_and_subject(key)
        path = (*place, key)
        if fact not in read:
            yield file.fault(path, f"the rule does not read {fact}{nearest(fact, read)}")
        elif subject == EACH:
            yield file.fault(path, "a case gives the fact of one subject; name it")
        elif fact in words.entries:
            yield from misplaced_subject(file, path, fact, subject, words)
        if (fact, subject) in seen:
            yield file.fault(path, f"{key} is given twice")
        seen.add((fact, subject))
        complaint = None if value is None else wrong_type(value, fact, words)
        if complaint:
            yield file.fault(path, complaint)


def _expect_faults(file: RuleFile, path: KeyPath, case: Case) -> Iterator[Fault]:
    rule = file.rule
    read = {placed.condition.fact for placed in conditions(rule)}
    for index, fact in enumerate(case.missing):
        if fact not in read:
            yield file.fault((*path, "missing", index), f"the rule does not read {fact}{nearest(fact, read)}")
    if not case.fires:
        asked = {"message": case.message, "severity": case.severity, "subjects": case.subjects}
        for key in (key for key, value in asked.items() if value is not None):
            yield file.fault((*path, key), f"a rule that does not fire has no {key}")
    elif case.severity is not None and rule.stage is Stage.REMEDY:
        yield file.fault((*path, "severity"), "a remedy has no severity")


def _lacking(rule: Rule) -> Iterator[str]:
    """The kinds of case that a rule must have and this one has not."""
    if not any(case.fires for case in rule.cases):
        yield "no case fires"
    if not any(not case.fires and not case.missing for case in rule.cases):
        yield "no case is evaluated and stays silent"
    if not any(case.missing for case in rule.cases):
        yield "no case leaves a fact unknown (expect: {fires: false, missing: [...]})"
    for shown in shown_by_alias(rule).values():
        known = [any(fact == shown.fact and value is not None for fact, _, value in case.given) for case in rule.cases]
        if not any(case.fires and not there for case, there in zip(rule.cases, known, strict=True)):
            yield f"no case fires with {shown.fact} unknown, which is only shown"


def _limits(rule: Rule) -> Iterator[tuple[KeyPath, Condition | Shown, Test]]:
    """Every comparison that has a limit, with its place: those of conditions, then those of grades."""
    for condition, _, path in conditions(rule):
        yield from ((path, condition, test) for test in condition.tests if test.op in ORDERED)
    named = named_facts(rule)
    for index, grade in enumerate(rule.grades):
        if grade.test.op in ORDERED and grade.alias in named:
            yield ("grades", index), named[grade.alias], grade.test


def _at_limit(rule: Rule, case: Case, condition: Condition | Shown, test: Test) -> bool:
    """Whether the case gives the condition's fact exactly the value of the test's operand."""
    return any(
        fact == condition.fact
        and condition.subject in {EACH, subject}
        and same(value, _operand(rule, case, test, subject))
        for fact, subject, value in case.given
    )


def _operand(rule: Rule, case: Case, test: Test, subject: str) -> Scalar | None:
    if not isinstance(test.operand, Reference):
        return literals(test)[0]
    target = named_facts(rule).get(test.operand.alias)
    if target is None:
        return None
    wanted = (target.fact, subject if target.subject == EACH else target.subject)
    values = (value for fact, of, value in case.given if (fact, of) == wanted)
    return scaled(next(values, None), test.operand.times)

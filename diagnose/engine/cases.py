"""Running the rules' own test cases, and proving by them that every condition of a rule is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.activity import doing
from diagnose.core.values import Fact, Quality, Severity
from diagnose.engine.inference import Firing, Inference
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.message import placeholders, worded
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.rule import AnyOf, Case, Op, Rule
from diagnose.rulebase.walk import BINDING, conditions, needed_values

Infer: TypeAlias = "Callable[[Sequence[Rule], Sequence[Fact]], Inference]"
Proof: TypeAlias = "tuple[KeyPath, str | None]"
"""A place in a rule, and the name of the case that shows it to matter; None where there is none."""
SeverityOf: TypeAlias = "Callable[[Rule, Mapping[str, Fact]], Severity]"


class CaseResult(Struct, frozen=True):
    """What came of one rule's cases. Nothing is dropped or moved where a case failed already.

    Attributes:
        failures: one for each case that did not come out as expected.
        needed: each condition, alternative and test by its place, with the first case that fails without it, if any.
        limits: each ordered comparison by its place, with the first case that fails once it holds at its limit where it
            did not, or the reverse, if any.
        dispensable, undecided: one fault for each part that no case misses, and for each limit that none stands at.
    """

    rule: Rule
    failures: tuple[Fault, ...]
    needed: tuple[Proof, ...] = ()
    limits: tuple[Proof, ...] = ()
    dispensable: tuple[Fault, ...] = ()
    undecided: tuple[Fault, ...] = ()


def run_cases(files: Iterable[RuleFile], infer: Infer, grade: SeverityOf) -> tuple[CaseResult, ...]:
    """Run every rule alone on each of its cases; conclusions it reads are given like other facts.

    `infer` is called once per case, and once per case and dropped part; `grade` gives the severity of a firing before
    evidence caps it.
    """
    every = list(files)
    results = []
    for index, file in enumerate(every):
        doing("testing the rules", index + 1, len(every))
        results.append(_run(file, infer, grade))
    return tuple(results)


def _run(file: RuleFile, infer: Infer, grade: SeverityOf) -> CaseResult:
    rule = file.rule
    problems = [(index, case.name, _problem(rule, case, infer, grade)) for index, case in enumerate(rule.cases)]
    failures = [file.fault(("tests", index), f"{name}: {problem}") for index, name, problem in problems if problem]
    if failures:
        return CaseResult(rule, tuple(failures))

    def noticed(variant: Rule) -> str | None:
        return next((case.name for case in rule.cases if _problem(variant, case, infer, grade)), None)

    needed = tuple((path, noticed(mutant)) for path, mutant in mutants(rule))
    limits = tuple((path, noticed(mutant)) for path, mutant in moved_limits(rule))
    return CaseResult(
        rule,
        (),
        needed,
        limits,
        _faults(file, needed, "no case fails without it; add one that does, or leave it out"),
        _faults(file, limits, "no case shows what happens exactly at this limit"),
    )


def _faults(file: RuleFile, shown: Iterable[Proof], text: str) -> tuple[Fault, ...]:
    return tuple(file.fault(path, text) for path, case in shown if case is None)


def _problem(rule: Rule, case: Case, infer: Infer, grade: SeverityOf) -> str | None:
    """What a case finds wrong with a rule first; None where all is as expected."""
    facts = [
        Fact(name, subject, value, quality=Quality.UNKNOWN if value is None else Quality.EXACT)
        for name, subject, value in case.given
    ]
    outcome = infer([rule], facts)
    return next(chain(_in_outcome(case, outcome), _in_wording(rule, case, outcome.firings, grade)), None)


def _in_outcome(case: Case, outcome: Inference) -> Iterator[str]:
    subjects = sorted(firing.subject for firing in outcome.firings)
    lacked = sorted({name for gap in outcome.gaps for name, _ in gap.missing})
    if case.fires and not subjects:
        yield f"it should fire; it lacks {', '.join(lacked)}" if lacked else "it should fire; it stays silent"
    if not case.fires and subjects:
        yield f"it should not fire; it fires for {', '.join(subjects)}"
    if case.subjects is not None and sorted(case.subjects) != subjects:
        yield f"it should fire for {', '.join(sorted(case.subjects))}; it fires for {', '.join(subjects)}"
    if not case.fires and not case.missing and lacked:
        yield f"it should be evaluated and stay silent; it lacks {', '.join(lacked)}"
    if unasked := [name for name in case.missing if name not in lacked]:
        yield f"it should lack {', '.join(unasked)}; it lacks {', '.join(lacked) or 'nothing'}"


def _in_wording(rule: Rule, case: Case, firings: Sequence[Firing], grade: SeverityOf) -> Iterator[str]:
    messages = [worded(rule.message, rule, firing.values, firing.subject) for firing in firings]
    if case.message is not None and case.message not in messages:
        yield f"the message is not as expected but: {' | '.join(messages)}"
    if case.severity is not None:
        severities = [grade(rule, firing.values).value for firing in firings]
        if case.severity.value not in severities:
            yield f"the severity should be {case.severity.value}; it is {' and '.join(sorted(set(severities)))}"


def mutants(rule: Rule) -> Iterator[tuple[KeyPath, Rule]]:
    """Yield the place of each condition, alternative, second test and shown fact, and the rule without it.

    What is required loses its tests and goes on asking for a value: dropped whole, any case with the value unknown
    would notice, whatever the tests are. Without tests it is dropped, unless something needs its value.
    """
    named = {placeholder.name for placeholder in placeholders(rule.message)}
    needed = needed_values(rule) | named
    for condition, role, path in conditions(rule):
        if role in BINDING and condition.tests:
            yield path, _with(rule, (*path, "tests"), ())
        elif role not in BINDING or condition.alias not in needed:
            yield path, _with(rule, path, None)
        for index, test in enumerate(condition.tests if len(condition.tests) > 1 else ()):
            yield (*path, test.op.value), _with(rule, (*path, "tests", index), None)
    for index, clause in enumerate(rule.when):
        if isinstance(clause, AnyOf):
            yield ("when", index), _with(rule, ("when", index), None)
    named |= {grade.alias for grade in rule.grades}  # no case sees the words of a change
    for index, each in enumerate(rule.show):
        if each.alias in named:
            yield ("show", index), _with(rule, ("show", index), None)


_OTHER_SIDE = {Op.LT: Op.LE, Op.LE: Op.LT, Op.GT: Op.GE, Op.GE: Op.GT}


def moved_limits(rule: Rule) -> Iterator[tuple[KeyPath, Rule]]:
    """Yield the place of each ordered comparison, and the rule with its limit on the other side: < for <=, > for >=.

    Where no case notices, none shows what the rule does exactly at the limit.
    """
    tests: list[tuple[KeyPath, KeyPath, Op]] = []
    for condition, _, path in conditions(rule):
        tests += [(path, ("tests", index), test.op) for index, test in enumerate(condition.tests)]
    tests += [(("grades", index), ("test",), grade.test.op) for index, grade in enumerate(rule.grades)]
    for path, test, op in tests:
        if op in _OTHER_SIDE:
            yield (*path, op.value), _with(rule, (*path, *test, "op"), _OTHER_SIDE[op])


def _with(part: Any, path: KeyPath, new: Any) -> Any:  # noqa: ANN401 - any part of a rule
    """Return a part of a rule with what stands at `path` in it replaced; in a list None drops it."""
    if not path:
        return new
    key, *rest = path
    if isinstance(key, int):
        item = _with(part[key], tuple(rest), new)
        return (*part[:key], *(() if item is None else (item,)), *part[key + 1 :])
    name = "alternatives" if key == "any" else key
    return replace(part, **{name: _with(getattr(part, name), tuple(rest), new)})

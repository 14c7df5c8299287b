"""Aliases: each stands for one condition, and what names one comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.lints.vocabulary import Vocabulary
from diagnose.rulebase.message import SUBJECT
from diagnose.rulebase.reading.build import RuleFile
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.rule import Reference, Test
from diagnose.rulebase.walk import BINDING, conditions, named_facts
from diagnose.rulebase.yaml_places import KeyPath


def lint_references(file: RuleFile, _words: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for each alias that is taken twice, or named where it is not bound."""
    seen: set[str] = set()
    bound: set[str] = set()
    for placed in conditions(file.rule):
        alias = placed.condition.alias
        if alias in seen or alias == SUBJECT:
            yield file.fault((*placed.path, "as"), f"the alias {alias} is taken; give another with `as`")
        yield from _unbound(file, placed.path, placed.condition.tests, bound)
        seen.add(alias)
        if placed.role in BINDING:
            bound.add(alias)
    for index, each in enumerate(file.rule.show):
        if each.alias in seen or each.alias == SUBJECT:
            yield file.fault(("show", index, "as"), f"the alias {each.alias} is taken; give another with `as`")
        if each.alias is not None:
            seen.add(each.alias)
    yield from _users(file)


def _unbound(file: RuleFile, path: KeyPath, tests: Iterable[Test], bound: set[str]) -> Iterator[Fault]:
    for test in tests:
        if isinstance(test.operand, Reference) and test.operand.alias not in bound:
            yield _fault(file, (*path, test.op.value), test.operand.alias, bound)


def _users(file: RuleFile) -> Iterator[Fault]:
    bound = set(named_facts(file.rule))
    for index, grade in enumerate(file.rule.grades):
        if grade.alias not in bound:
            yield _fault(file, ("grades", index, "of"), grade.alias, bound)
        yield from _unbound(file, ("grades", index), (grade.test,), bound)
    for index, change in enumerate(file.rule.changes):
        if change.fact is not None and change.fact not in bound:
            yield _fault(file, ("changes", index, "fact"), change.fact, bound)


def _fault(file: RuleFile, path: KeyPath, alias: str, bound: set[str]) -> Fault:
    hint = nearest(alias, bound) or f"; there are {', '.join(sorted(bound)) or 'none'}"
    return file.fault(path, f"no earlier condition has the alias {alias}{hint}")

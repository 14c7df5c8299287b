"""`knowledge/rivals.yaml`, read and checked: what else could be behind a finding, and which facts decide it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag

from diagnose.core.errors import nearest
from diagnose.rulebase.comparison import literals
from diagnose.rulebase.faults import Fault, KeyPath
from diagnose.rulebase.lints.vocabulary import Vocabulary, disordered, misplaced_subject, unknown_fact, wrong_type
from diagnose.rulebase.reading.conditions import Conditions, ConditionShape
from diagnose.rulebase.reading.shapes import (
    Chosen,
    Listed,
    Prose,
    RuleName,
    Shape,
    Some,
    Title,
    frozen,
    validate,
)
from diagnose.rulebase.rivals import AllOf, Cost, Rival, RivalGrade, RivalTest
from diagnose.rulebase.rule import Condition, Param
from diagnose.rulebase.yaml_places import Document


class _AllShape(Shape):
    all: Some[ConditionShape]


_Clause: TypeAlias = Annotated[
    Annotated[_AllShape, Tag("all of")] | Annotated[ConditionShape, Tag("a condition")],
    Discriminator(lambda value: "all of" if isinstance(value, dict) and "all" in value else "a condition"),
]


class _TestShape(Shape):
    does: Prose
    cost: Chosen[Cost]


class _RivalShape(Shape):
    explains: Annotated[dict[RuleName, RuleName], Field(min_length=1)]
    title: Title
    says: Prose
    ruled_out_by: Listed[_Clause] = Field(default_factory=list)
    supported_by: Listed[_Clause] = Field(default_factory=list)
    ask: Prose | None = None
    grade: Chosen[RivalGrade]
    references: Some[Prose]


class _RivalsShape(Shape):
    tests: dict[RuleName, _TestShape]
    rivals: dict[RuleName, _RivalShape]


def read_rivals(document: Document, params: Mapping[str, Param]) -> Mapping[str, Rival]:
    """Return the rivals by id in the order of the file; what needs the rules to be seen is for the lint."""
    shape = validate(_RivalsShape.model_validate, document)
    if shape is None:
        return {}
    read = Conditions(document, params)
    tests = {id_: frozen(RivalTest, each, id=id_) for id_, each in shape.tests.items()}
    used = {test for each in shape.rivals.values() for test in each.explains.values()}
    for id_ in tests.keys() - used:
        document.note(("tests", id_), "no rival uses this test")
    rivals = {}
    for id_, each in shape.rivals.items():
        place: KeyPath = ("rivals", id_)
        for rule, test in each.explains.items():
            if test not in tests:
                document.note((*place, "explains", rule), f"there is no test {test}{nearest(test, tests)}")
        rivals[id_] = frozen(
            Rival,
            each,
            id=id_,
            explains={rule: tests[test] for rule, test in each.explains.items() if test in tests},
            ruled_out_by=_clauses((*place, "ruled_out_by"), each.ruled_out_by, read),
            supported_by=_clauses((*place, "supported_by"), each.supported_by, read),
        )
    return rivals


def _clauses(path: KeyPath, shapes: list[_AllShape | ConditionShape], read: Conditions) -> tuple[AllOf, ...]:
    clauses = []
    for index, shape in enumerate(shapes):
        place = (*path, index)
        if isinstance(shape, _AllShape):
            clauses.append(tuple(read.bare((*place, "all", i), each) for i, each in enumerate(shape.all)))
        else:
            clauses.append((read.bare(place, shape),))
    return tuple(clauses)


MOST_SAID = 200
"""Longest explanation or test; it is one line of a list."""


def lint_rival(rival: Rival, document: Document, words: Vocabulary, rules: Collection[str] | None) -> Iterator[Fault]:
    """Yield a fault for each name that leads nowhere, each comparison that cannot hold, and unreadable wording.

    `rules` are the names of all rules; None where some could not be read.
    """
    place: KeyPath = ("rivals", rival.id)
    for name in rival.explains if rules is not None else ():
        if rules is not None and name not in rules:
            yield document.fault((*place, "explains", name), f"no rule is called {name}{nearest(name, rules)}")
    for key, clauses in (("ruled_out_by", rival.ruled_out_by), ("supported_by", rival.supported_by)):
        for index, clause in enumerate(clauses):
            for number, condition in enumerate(clause):
                path = (*place, key, index, "all", number)
                yield from _condition_faults(document, path if path in document.lines else path[:-2], condition, words)
    if set(rival.ruled_out_by) & set(rival.supported_by):
        yield document.fault(place, "one condition both rules it out and supports it")
    if not any(rival.conditions) and rival.ask is None:
        yield document.fault(place, "no fact decides it and nobody is asked; give conditions or ask")
    yield from _sentences(rival, document)


def _sentences(rival: Rival, document: Document) -> Iterator[Fault]:
    said: KeyPath = ("rivals", rival.id, "says")
    tests = ((("tests", test.id, "does"), test.does) for test in rival.explains.values())
    for path, text in ((said, rival.says), *tests):
        if not text[:1].isupper() or not text.endswith("."):
            yield document.fault(path, "write a sentence: a capital first, a full stop last")
        if len(text) > MOST_SAID:
            yield document.fault(path, f"{len(text)} characters; at most {MOST_SAID} are read in a list")
    if rival.ask is not None and "?" not in rival.ask:
        yield document.fault(("rivals", rival.id, "ask"), "write a question")


def _condition_faults(document: Document, path: KeyPath, condition: Condition, words: Vocabulary) -> Iterator[Fault]:
    if condition.fact not in words.entries:
        yield from unknown_fact(document, path, condition.fact, words)
        return
    yield from misplaced_subject(document, path, condition.fact, condition.subject, words)
    for test in condition.tests:
        complaints = [disordered(test, condition.fact, words)]
        complaints += [wrong_type(value, condition.fact, words) for value in literals(test)]
        yield from (document.fault(path, complaint) for complaint in complaints if complaint)

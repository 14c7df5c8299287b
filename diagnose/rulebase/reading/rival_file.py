"""`knowledge/rivals.yaml`, read and checked: what else could be behind a finding, and which facts decide it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, TypeAlias

from msgspec import Struct
from pydantic import Discriminator, Field, Tag

from diagnose.rulebase.comparison import literals
from diagnose.rulebase.faults import Fault, KeyPath, nearest
from diagnose.rulebase.lints.vocabulary import Vocabulary, disordered, misplaced_subject, unknown_fact, wrong_type
from diagnose.rulebase.reading.build import Operands
from diagnose.rulebase.reading.schema import ConditionShape
from diagnose.rulebase.reading.shapes import Chosen, Listed, Prose, RuleName, Shape, Some, Title, validate
from diagnose.rulebase.rivals import AllOf, Cost, Rival, RivalGrade, RivalTest
from diagnose.rulebase.rule import Condition, Param, Reference
from diagnose.rulebase.yaml_places import Document

RIVALS_FILE = "rivals.yaml"


class _AllShape(Shape):
    all: Some[ConditionShape]


def _kind(value: object) -> str:
    return "all of" if isinstance(value, dict) and "all" in value else "a condition"


_Clause: TypeAlias = Annotated[
    Annotated[_AllShape, Tag("all of")] | Annotated[ConditionShape, Tag("a condition")], Discriminator(_kind)
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


def read_rivals(document: Document, params: Mapping[str, Param]) -> tuple[Mapping[str, Rival], list[Fault]]:
    """Return the rivals by id in the order of the file, and every fault that needs no rule to be seen."""
    shape, faults = validate(_RivalsShape.model_validate, document)
    if shape is None:
        return {}, faults
    tests = {id_: RivalTest(id_, each.does, each.cost) for id_, each in shape.tests.items()}
    builder = _Builder(document, params, tests)
    rivals = {id_: builder.rival(id_, each) for id_, each in shape.rivals.items()}
    used = {test.id for rival in rivals.values() for test in rival.explains.values()}
    faults += [document.fault(("tests", id_), f"{id_}: no rival uses this test") for id_ in tests if id_ not in used]
    return rivals, [*faults, *builder.faults]


class _Builder(Operands):
    def __init__(self, document: Document, params: Mapping[str, Param], tests: Mapping[str, RivalTest]) -> None:
        super().__init__(document, params)
        self._tests = tests

    def rival(self, id_: str, shape: _RivalShape) -> Rival:
        place: KeyPath = ("rivals", id_)
        explains = {}
        for rule, test in shape.explains.items():
            if test in self._tests:
                explains[rule] = self._tests[test]
            else:
                self.fault((*place, "explains", rule), f"there is no test {test}{nearest(test, self._tests)}")
        return Rival(
            id=id_,
            explains=explains,
            title=shape.title,
            says=shape.says,
            ruled_out_by=self._clauses((*place, "ruled_out_by"), shape.ruled_out_by),
            supported_by=self._clauses((*place, "supported_by"), shape.supported_by),
            ask=shape.ask,
            grade=shape.grade,
            references=tuple(shape.references),
            file=self._document.file,
            line=self._document.lines.get(place, 1),
        )

    def _clauses(self, path: KeyPath, shapes: list[_AllShape | ConditionShape]) -> tuple[AllOf, ...]:
        clauses = []
        for index, shape in enumerate(shapes):
            place = (*path, index)
            if isinstance(shape, _AllShape):
                clauses.append(tuple(self._condition((*place, "all", i), each) for i, each in enumerate(shape.all)))
            else:
                clauses.append((self._condition(place, shape),))
        return tuple(clauses)

    def _condition(self, path: KeyPath, shape: ConditionShape) -> Condition:
        tests = tuple(self.test(path, op, operand) for op, operand in shape.operands())
        if any(isinstance(test.operand, Reference) for test in tests):
            self.fault(path, "a reference is for rules; give a value or a $parameter")
        if not tests:
            self.fault(path, f"compare {shape.fact} with something; to be known decides nothing")
        if shape.as_ is not None:
            self.fault(path, "a name (as) is for rules; nothing here could use it")
        return Condition(shape.fact, shape.of, tests, alias=shape.fact)


MOST_SAID = 200
"""Longest explanation or test; it is one line of a list."""


class _Place(Struct, frozen=True):
    rival: Rival

    def fault(self, path: KeyPath, text: str) -> Fault:
        return Fault(self.rival.file, self.rival.line, ": ".join(["rivals", self.rival.id, *map(str, path), text]))


def lint_rival(rival: Rival, words: Vocabulary, rules: Collection[str] | None) -> Iterator[Fault]:
    """Yield a fault for each name that leads nowhere, each comparison that cannot hold, and unreadable wording.

    `rules` are the names of all rules; None where some could not be read.
    """
    place = _Place(rival)
    for name in rival.explains if rules is not None else ():
        if rules is not None and name not in rules:
            yield place.fault(("explains",), f"no rule is called {name}{nearest(name, rules)}")
    for condition in rival.conditions:
        yield from _condition_faults(place, condition, words)
    if set(rival.ruled_out_by) & set(rival.supported_by):
        yield place.fault((), "one condition both rules it out and supports it")
    if not any(rival.conditions) and rival.ask is None:
        yield place.fault((), "no fact decides it and nobody is asked; give conditions or ask")
    yield from _sentences(place, rival)


def _condition_faults(place: _Place, condition: Condition, words: Vocabulary) -> Iterator[Fault]:
    if condition.fact not in words.entries:
        yield from unknown_fact(place, (), condition.fact, words)
        return
    yield from misplaced_subject(place, (), condition.fact, condition.subject, words)
    for test in condition.tests:
        complaints = [disordered(test, condition.fact, words)]
        complaints += [wrong_type(value, condition.fact, words) for value in literals(test)]
        yield from (place.fault((), complaint) for complaint in complaints if complaint)


def _sentences(place: _Place, rival: Rival) -> Iterator[Fault]:
    sentences = {"says": rival.says, **{f"test {test.id}": test.does for test in rival.explains.values()}}
    for key, text in sentences.items():
        if not text[:1].isupper() or not text.endswith("."):
            yield place.fault((key,), "write a sentence: a capital first, a full stop last")
        if len(text) > MOST_SAID:
            yield place.fault((key,), f"{len(text)} characters; at most {MOST_SAID} are read in a list")
    if rival.ask is not None and "?" not in rival.ask:
        yield place.fault(("ask",), "write a question")

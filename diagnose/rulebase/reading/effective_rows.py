"""The rows of "you wrote, what happens", `knowledge/effective.yaml`: which fact shows what becomes of which key.

A row says nothing of its own: the fact holds what happens, its note says why, and the row says when that is worth a
line and how to put it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from diagnose.core.model import RUN
from diagnose.rulebase.effective_rows import EffectiveRow
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Shape
from diagnose.rulebase.reading.spelling import AnyScalar, FactName, Prose
from diagnose.rulebase.reading.validation import nearest, validate
from diagnose.rulebase.registry import FactDeclaration
from diagnose.rulebase.rule import EACH
from diagnose.rulebase.yaml_places import Document

EFFECTIVE_FILE = "effective.yaml"


class _RowShape(Shape):
    paths: Annotated[list[Prose], Field(min_length=1)]
    fact: FactName
    of: Prose = RUN
    only: AnyScalar | None = None
    unless: AnyScalar | None = None
    over: float | None = None
    written: bool | None = None
    where: dict[FactName, AnyScalar] = Field(default_factory=dict)
    happens: Prose | None = None
    why: Prose | None = None


def read_rows(
    document: Document, declared: Mapping[str, FactDeclaration]
) -> tuple[Mapping[str, tuple[EffectiveRow, ...]], list[Fault]]:
    """Return the rows by part of the table in the order of the file, and every fault of it."""
    shapes, faults = validate(TypeAdapter(dict[str, list[_RowShape]]).validate_python, document)
    for part, rows in (shapes or {}).items():
        for index, row in enumerate(rows):
            faults += [document.fault((part, index), text) for text in _complaints(row, declared)]
    return {part: tuple(map(_row, rows)) for part, rows in (shapes or {}).items()}, faults


def _row(shape: _RowShape) -> EffectiveRow:
    return EffectiveRow(**{**dict(shape), "paths": tuple(shape.paths), "where": tuple(shape.where.items())})


def _complaints(row: _RowShape, declared: Mapping[str, FactDeclaration]) -> Iterator[str]:
    for fact in (row.fact, *row.where):
        if fact not in declared:
            yield f"{fact} is not declared in facts.yaml{nearest(fact, declared)}"
    if row.of != EACH and any("{subject}" in path for path in row.paths):
        yield "{subject} in a path needs `of: each`"
    if sum(each is not None for each in (row.only, row.unless, row.over)) > 1:
        yield "give one of only, unless and over"

"""What facts, settings, experts and captions are called, read and checked; and the rows of settings in effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.values import RUN, Notation
from diagnose.rulebase.domain import ANY, Domain, DomainExpert
from diagnose.rulebase.fact_declarations import (
    FactDeclaration,
    FactType,
    SettingDeclaration,
    SubjectKind,
    is_conclusion,
)
from diagnose.rulebase.faults import Fault, KeyPath, nearest
from diagnose.rulebase.knowledge import EffectiveRow
from diagnose.rulebase.reading.build import Operands
from diagnose.rulebase.reading.schema import ComparisonShape, ReferenceShape
from diagnose.rulebase.reading.shapes import AnyScalar, Chosen, FactName, Prose, SettingName, Shape, Word, validate
from diagnose.rulebase.rule import EACH
from diagnose.rulebase.yaml_places import Document

Samples: TypeAlias = Annotated[int, Field(ge=1)]


UNITS = {Notation.PERCENT: "%", Notation.TIMES: "x"}
"""Notations that say what the unit begins with."""


class _FactShape(Shape):
    type: Chosen[FactType]
    unit: str
    notation: Chosen[Notation] = Notation.NUMBER
    subject: Chosen[SubjectKind]
    meaning: Prose
    provide: Prose
    critical_samples: Samples | None = None
    major_samples: Samples | None = None
    serves: Prose = ""

    @model_validator(mode="after")
    def _grows(self) -> _FactShape:
        major, critical = self.major_samples, self.critical_samples
        if major is not None and critical is not None and major > critical:
            raise PydanticCustomError("samples", "major_samples must not exceed critical_samples")
        if self.notation is not Notation.NUMBER and self.type is not FactType.NUMBER:
            raise PydanticCustomError("notation", "notation is for numbers")
        for notation, begins in UNITS.items():
            if self.type is FactType.NUMBER and self.unit.startswith(begins) is not (self.notation is notation):
                raise PydanticCustomError(
                    "notation", f"a unit that begins with {begins} and notation: {notation.value} go together"
                )
        return self


def read_facts(document: Document) -> tuple[Mapping[str, FactDeclaration], list[Fault]]:
    """Return the declarations by name, and every fault of the file."""
    shapes, faults = validate(TypeAdapter(dict[FactName, _FactShape]).validate_python, document)
    declared = {name: FactDeclaration(name, **dict(shape)) for name, shape in (shapes or {}).items()}
    reserved = (name for name in declared if is_conclusion(name))
    faults += [
        document.fault((name,), f"{name}: names under symptom and cause are what rules derive") for name in reserved
    ]
    return declared, faults


SETTINGS_FILE = "settings.yaml"


class _SettingShape(Shape):
    type: Literal["number", "text", "switch", "section", "list"]
    unit: str
    meaning: Prose
    of: SettingName | None = None


def read_settings(document: Document) -> tuple[Mapping[str, SettingDeclaration], list[Fault]]:
    """Return the settings by name, and every fault of the file."""
    shapes, faults = validate(TypeAdapter(dict[SettingName, _SettingShape]).validate_python, document)
    declared = {name: SettingDeclaration(name, **dict(shape)) for name, shape in (shapes or {}).items()}
    for name, each in declared.items():
        if each.of is not None and not (each.of in declared and declared[each.of].is_part):
            faults.append(document.fault((name, "of"), f"of: {each.of} is no list or section declared here"))
    return declared, faults


DOMAINS = "domains"
"""The folder."""


class _ExpertShape(Shape):
    name: Word
    title: Prose


class _DomainShape(Shape):
    name: Word
    title: Prose
    document: str = ""
    frame_rates: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    experts: Annotated[list[_ExpertShape], Field(min_length=1)]


def read_domain(document: Document) -> tuple[Mapping[str, Domain], list[Fault]]:
    """Return the domain of a file by its name, and every fault of the file."""
    shape, faults = validate(_DomainShape.model_validate, document)
    if shape is None:
        return {}, faults
    if shape.name == ANY or shape.name != PurePath(document.file).stem:
        faults.append(document.fault(("name",), f"name: a domain has the name of its file, and is not called {ANY}"))
    experts = tuple(DomainExpert(each.name, each.title) for each in shape.experts)
    if len({each.name for each in experts}) < len(experts):
        faults.append(document.fault(("experts",), "experts: two of them have the same name"))
    return {shape.name: Domain(shape.name, shape.title, experts, shape.document, shape.frame_rates)}, faults


EFFECTIVE_FILE = "effective.yaml"


class _RowShape(ComparisonShape):
    settings: Annotated[list[Prose], Field(min_length=1)]
    fact: FactName
    of: Prose = RUN
    written: bool | None = None
    where: dict[FactName, AnyScalar] = Field(default_factory=dict)
    happens: Prose | None = None
    why: Prose | None = None


def read_rows(
    document: Document, declared: Mapping[str, FactDeclaration], settings: Mapping[str, SettingDeclaration]
) -> tuple[Mapping[str, tuple[EffectiveRow, ...]], list[Fault]]:
    """Return the rows by part of the table in the order of the file, and every fault of it."""
    shapes, faults = validate(TypeAdapter(dict[str, list[_RowShape]]).validate_python, document)
    operands = Operands(document, {})  # no parameter decides what is worth a line
    table: dict[str, tuple[EffectiveRow, ...]] = {}
    for part, rows in (shapes or {}).items():
        for index, row in enumerate(rows):
            faults += [document.fault((part, index), text) for text in _row_complaints(row, declared, settings)]
        table[part] = tuple(_row(row, operands, (part, index)) for index, row in enumerate(rows))
    return table, [*faults, *operands.faults]


def _row(shape: _RowShape, operands: Operands, place: KeyPath) -> EffectiveRow:
    return EffectiveRow(
        settings=tuple(shape.settings),
        fact=shape.fact,
        of=shape.of,
        tests=tuple(operands.test((*place, op.value), op, operand) for op, operand in shape.operands()),
        written=shape.written,
        where=tuple(shape.where.items()),
        happens=shape.happens,
        why=shape.why,
    )


def _row_complaints(
    row: _RowShape, declared: Mapping[str, FactDeclaration], settings: Mapping[str, SettingDeclaration]
) -> Iterator[str]:
    for fact in (row.fact, *row.where):
        if fact not in declared:
            yield f"{fact} is not declared in facts.yaml{nearest(fact, declared)}"
    for name in row.settings:
        if name != "{subject}" and name not in settings:
            yield f"{name} is not declared in settings.yaml{nearest(name, settings)}"
        elif row.of != EACH and (name == "{subject}" or settings[name].of is not None):
            yield f"{name} is of an entry or a key, so it needs `of: each`"
    if any(isinstance(operand, ReferenceShape) for _, operand in row.operands()):
        yield "a reference is for rules; give a value"


MOTION_WORDS_FILE = "motion_words.yaml"


def read_motion_words(document: Document) -> tuple[Mapping[str, tuple[str, ...]], list[Fault]]:
    """Return the words by kind in the order of the file, and every fault of it."""
    adapter = TypeAdapter(dict[Literal["verbs", "nouns", "manner"], Annotated[list[Prose], Field(min_length=1)]])
    shapes, faults = validate(adapter.validate_python, document)
    return {str(kind): tuple(words) for kind, words in (shapes or {}).items()}, faults

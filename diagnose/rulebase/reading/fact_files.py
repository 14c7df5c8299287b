"""What facts, settings, experts and captions are called, read and checked; and the rows of settings in effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.core.errors import nearest
from diagnose.core.values import RUN, Notation
from diagnose.rulebase.domain import ANY, Domain
from diagnose.rulebase.fact_declarations import (
    FactDeclaration,
    FactType,
    SettingDeclaration,
    SubjectKind,
    is_conclusion,
)
from diagnose.rulebase.faults import KeyPath
from diagnose.rulebase.knowledge import EffectiveRow
from diagnose.rulebase.reading.conditions import ComparisonShape, Conditions, ConditionShape
from diagnose.rulebase.reading.shapes import (
    Chosen,
    FactName,
    Listed,
    Prose,
    SettingName,
    Shape,
    Word,
    frozen,
    validate,
)
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


def read_facts(document: Document) -> Mapping[str, FactDeclaration]:
    """Return the declarations by name."""
    shapes = validate(TypeAdapter(dict[FactName, _FactShape]).validate_python, document) or {}
    for name in filter(is_conclusion, shapes):
        document.note((name,), "names under symptom and cause are what rules derive")
    return {name: frozen(FactDeclaration, shape, name=name) for name, shape in shapes.items()}


class _SettingShape(Shape):
    type: Literal["number", "text", "switch", "section", "list"]
    unit: str
    meaning: Prose
    of: SettingName | None = None


def read_settings(document: Document) -> Mapping[str, SettingDeclaration]:
    """Return the settings by name."""
    shapes = validate(TypeAdapter(dict[SettingName, _SettingShape]).validate_python, document) or {}
    declared = {name: frozen(SettingDeclaration, shape, name=name) for name, shape in shapes.items()}
    for name, each in declared.items():
        if each.of is not None and not (each.of in declared and declared[each.of].is_part):
            document.note((name, "of"), f"{each.of} is no list or section declared here")
    return declared


class _ExpertShape(Shape):
    name: Word
    title: Prose


class _SamplingShape(Shape):
    sampler: Prose
    shift: Annotated[float, Field(gt=0)]
    steps: Annotated[int, Field(gt=0, le=1000)]
    guidance: float


class _WorkflowShape(Shape):
    name: Prose
    sampling: _SamplingShape
    switch: Annotated[int, Field(gt=0)]
    speed_lora: Prose
    base: Prose
    family: Word
    source: Prose


Size: TypeAlias = Annotated[int, Field(gt=0)]


class _NetworkShape(Shape):
    frames_per_latent: Size
    pixels_per_latent: Size
    pixels_per_token: Size
    latent_channels: Size
    parameters: Size
    blocks: Size
    text_tokens: Size
    of_text: list[Prose]
    matrices: Annotated[dict[str, Annotated[list[Size], Field(min_length=2, max_length=2)]], Field(min_length=1)]
    text_encoder: Size
    encoder_table: Size
    autoencoder: Size
    source: Prose


class _DomainShape(Shape):
    name: Word
    title: Prose
    document: str = ""
    frame_rates: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    experts: Annotated[list[_ExpertShape], Field(min_length=1)]
    workflow: _WorkflowShape | None = None
    network: _NetworkShape | None = None


def read_domain(document: Document) -> Mapping[str, Domain]:
    """Return the domain of a file by its name."""
    shape = validate(_DomainShape.model_validate, document)
    if shape is None:
        return {}
    if shape.name == ANY or shape.name != PurePath(document.file).stem:
        document.note(("name",), f"a domain has the name of its file, and is not called {ANY}")
    if len({each.name for each in shape.experts}) < len(shape.experts):
        document.note(("experts",), "two of them have the same name")
    return {shape.name: frozen(Domain, shape)}


class _RowShape(ComparisonShape):
    settings: Annotated[list[Prose], Field(min_length=1)]
    fact: FactName
    of: Prose = RUN
    written: bool | None = None
    where: Listed[ConditionShape] = Field(default_factory=list)
    happens: Prose | None = None
    why: Prose | None = None


def read_rows(
    document: Document, declared: Mapping[str, FactDeclaration], settings: Mapping[str, SettingDeclaration]
) -> Mapping[str, tuple[EffectiveRow, ...]]:
    """Return the rows by part of the table in the order of the file."""
    shapes = validate(TypeAdapter(dict[str, list[_RowShape]]).validate_python, document) or {}
    read = Conditions(document, {})  # no parameter decides what is worth a line
    table = {}
    for part, rows in shapes.items():
        table[part] = tuple(_row(shape, (part, index), read) for index, shape in enumerate(rows))
        for index, row in enumerate(table[part]):
            for text in _complaints(row, declared, settings):
                document.note((part, index), text)
    return table


def _row(shape: _RowShape, place: KeyPath, read: Conditions) -> EffectiveRow:
    tests = read.tests(place, shape)
    read.refuse_references(place, tests)
    where = tuple(read.bare((*place, "where", index), each) for index, each in enumerate(shape.where))
    return frozen(EffectiveRow, shape, tests=tests, where=where)


def _complaints(
    row: EffectiveRow, declared: Mapping[str, FactDeclaration], settings: Mapping[str, SettingDeclaration]
) -> Iterator[str]:
    for fact in (row.fact, *(condition.fact for condition in row.where)):
        if fact not in declared:
            yield f"{fact} is not declared in facts.yaml{nearest(fact, declared)}"
    for name in row.settings:
        if name != "{subject}" and name not in settings:
            yield f"{name} is not declared in settings.yaml{nearest(name, settings)}"
        elif row.of != EACH and (name == "{subject}" or settings[name].of is not None):
            yield f"{name} is of an entry or a key, so it needs `of: each`"


def read_glossary(document: Document) -> Mapping[str, str]:
    """Return what each term means, in the order of the file."""
    found = validate(TypeAdapter(dict[str, Prose]).validate_python, document) or {}
    return {term: " ".join(says.split()) for term, says in found.items()}


def read_motion_words(document: Document) -> Mapping[str, tuple[str, ...]]:
    """Return the words by kind in the order of the file."""
    adapter = TypeAdapter(dict[Literal["verbs", "nouns", "manner"], Annotated[list[Prose], Field(min_length=1)]])
    return {str(kind): tuple(words) for kind, words in (validate(adapter.validate_python, document) or {}).items()}

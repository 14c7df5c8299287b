"""The registry of facts, `knowledge/facts.yaml`: each name that may be asserted, with type, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.model import Scalar
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.schema import Chosen, Shape
from diagnose.rulebase.spelling import FactName, Prose
from diagnose.rulebase.validation import validate
from diagnose.rulebase.yaml_places import Document

Samples: TypeAlias = Annotated[int, Field(ge=1)]


class FactType(str, Enum):
    """What kind of value a fact has."""

    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"


class SubjectKind(str, Enum):
    """What a fact is about."""

    RUN = "run"
    EXPERT = "expert"
    KEY = "key"
    DATASET = "dataset"
    PHASE = "phase"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One entry of the registry.

    `provide` says what the user must give when the fact is unknown. `critical_samples` and `major_samples` are how
    many independent observations an estimate needs before a finding on it may be that severe; None: no cap.
    """

    name: str
    type: FactType
    unit: str
    subject: SubjectKind
    meaning: str
    provide: str
    critical_samples: int | None = None
    major_samples: int | None = None


class _FactShape(Shape):
    type: Chosen[FactType]
    unit: str
    subject: Chosen[SubjectKind]
    meaning: Prose
    provide: Prose
    critical_samples: Samples | None = None
    major_samples: Samples | None = None

    @model_validator(mode="after")
    def _grows(self) -> _FactShape:
        major, critical = self.major_samples, self.critical_samples
        if major is not None and critical is not None and major > critical:
            raise PydanticCustomError("samples", "major_samples must not exceed critical_samples")
        return self


def is_conclusion(name: str) -> bool:
    """Return whether a name is one that rules derive; no fact may be declared under it."""
    return name.startswith(("symptom.", "cause."))


def type_of(value: Scalar) -> FactType:
    """Return the type of a value; a truth value is no number."""
    if isinstance(value, bool):
        return FactType.BOOL
    return FactType.TEXT if isinstance(value, str) else FactType.NUMBER


def read_facts(document: Document) -> tuple[Mapping[str, FactDeclaration], list[Fault]]:
    """Return the declarations by name, and every fault of the file."""
    shapes, faults = validate(TypeAdapter(dict[FactName, _FactShape]).validate_python, document)
    declared = {name: FactDeclaration(name, **dict(shape)) for name, shape in (shapes or {}).items()}
    reserved = (name for name in declared if is_conclusion(name))
    faults += [
        document.fault((name,), f"{name}: names under symptom and cause are what rules derive") for name in reserved
    ]
    return declared, faults

"""The registry of facts, `knowledge/facts.yaml`: each name that may be asserted, with type, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Chosen, Shape
from diagnose.rulebase.reading.spelling import FactName, Prose
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.registry import FactDeclaration, FactType, SubjectKind, is_conclusion
from diagnose.rulebase.yaml_places import Document

Samples: TypeAlias = Annotated[int, Field(ge=1)]


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


def read_facts(document: Document) -> tuple[Mapping[str, FactDeclaration], list[Fault]]:
    """Return the declarations by name, and every fault of the file."""
    shapes, faults = validate(TypeAdapter(dict[FactName, _FactShape]).validate_python, document)
    declared = {name: FactDeclaration(name, **dict(shape)) for name, shape in (shapes or {}).items()}
    reserved = (name for name in declared if is_conclusion(name))
    faults += [
        document.fault((name,), f"{name}: names under symptom and cause are what rules derive") for name in reserved
    ]
    return declared, faults

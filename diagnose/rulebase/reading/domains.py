"""The domains, `knowledge/domains/`, read and checked: one file for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated

from pydantic import Field

from diagnose.rulebase.domain import ANY, Domain, DomainExpert
from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import Shape
from diagnose.rulebase.reading.spelling import Prose, Word
from diagnose.rulebase.reading.validation import validate
from diagnose.rulebase.yaml_places import Document

DOMAINS = "domains"
"""The folder."""


class _ExpertShape(Shape):
    name: Word
    title: Prose


class _DomainShape(Shape):
    name: Word
    title: Prose
    document: str = ""
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
    return {shape.name: Domain(shape.name, shape.title, experts, shape.document)}, faults

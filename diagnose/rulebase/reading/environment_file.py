"""`knowledge/environments.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints, TypeAdapter

from diagnose.rulebase.environments import BadCombination
from diagnose.rulebase.reading.shapes import Pattern, Prose, RuleName, Shape, Some, frozen, validate
from diagnose.rulebase.yaml_places import Document

LONGEST = 240
VersionNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(?:\d+(?:\.\w+)+|\d{4}-\d\d-\d\d)$")]
"""A version of a package, or the day of a trainer's code."""


class PartShape(Shape):
    """Which versions of a part are meant."""

    of: RuleName
    since: VersionNumber | None = Field(None, alias="from")
    before: VersionNumber | None = None
    like: Pattern | None = None


class _CombinationShape(Shape):
    says: Annotated[Prose, StringConstraints(max_length=LONGEST)]
    parts: Annotated[list[PartShape], Field(min_length=2)]
    do: Annotated[Prose, StringConstraints(max_length=LONGEST)]
    back_to: Annotated[Prose, StringConstraints(max_length=LONGEST)] | None = None
    sources: Some[Prose]


def read_environments(document: Document) -> Mapping[str, BadCombination]:
    """Return the combinations by id."""
    shapes = validate(TypeAdapter(dict[RuleName, _CombinationShape]).validate_python, document) or {}
    for id_, shape in shapes.items():
        for index, part in enumerate(shape.parts):
            limits = [part.since, part.before, part.like]
            if not any(limits) or (part.like and len(list(filter(None, limits))) > 1):
                document.note((id_, "parts", index), "give from, before or both, or else like by itself")
        for key in ("says", "do", "back_to"):
            if (text := getattr(shape, key)) is not None and text.endswith("."):
                document.note((id_, key), "leave out the full stop; it becomes part of a sentence")
    return {id_: frozen(BadCombination, shape, id=id_) for id_, shape in shapes.items()}

"""The report as JSON: the report itself, which every other view is a view of.

Keys are the names of the report's fields, except where the published contract says otherwise. The encoder
walks the values by type, so a field that is added to the report is in the JSON without a change here, and a
type it does not know is an error, never a silent loss.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from msgspec import Struct

from diagnose.core.values import Place, Remark
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.report.figures import finite
from diagnose.rulebase.knowledge import PlanItem
from diagnose.sources.environment.component import Component
from diagnose.verdict.judgement import BoundFact, Change, Conflict, Evidence, Finding
from diagnose.verdict.next.next_config import NextConfig, Outlook
from diagnose.verdict.report import SCHEMA, Report
from diagnose.verdict.run_summary import RunSummary
from diagnose.verdict.run_tables import CheckpointRow

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Shape: TypeAlias = "Callable[[Any], dict[str, Json]]"
"""How a field is written that has another shape than its type: its keys, from its value."""


def render(report: Report, *, width: int, color: bool, full: bool) -> str:  # noqa: ARG001 - the same for every view
    """Return the document of schema `diagnose/report/1`: the same report gives the same bytes.

    JSON has no infinity and no NaN, which a stranger's config may well hold. Such a value becomes null, and
    `not_finite` lists where (a JSON pointer) and what it was.
    """
    return json.dumps(document(SCHEMA, report), indent=2, allow_nan=False) + "\n"


def document(schema: str, value: Struct) -> dict[str, Json]:
    """Return a document of a schema, with what was not finite in it."""
    not_finite: list[Json] = []
    body = {key: _finite(item, f"/{key}", not_finite) for key, item in _members(value).items()}
    return {"schema": schema, **body, "not_finite": not_finite}


def encoded(value: object) -> Json:
    """Encode one value of the report.

    Raises:
        TypeError: the report holds a type that this view does not know.
    """
    if isinstance(value, Place):
        return {key: item for key, item in _members(value).items() if item is not None}
    if isinstance(value, Struct):
        return _members(value)
    if isinstance(value, Enum):
        return encoded(value.value)
    if isinstance(value, Mapping):
        return {str(encoded(key)): encoded(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [encoded(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__}: no place in the JSON report")


def _members(value: Struct) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name in shown_fields(type(value)):
        shape = SHAPES.get((type(value), name))
        item = getattr(value, name)
        members |= shape(item) if shape else {KEYS.get((type(value), name), name): encoded(item)}
    return members


def shown_fields(kind: type[Struct]) -> list[str]:
    """Return the names of the fields of which the report tells."""
    return [name for name in kind.__struct_fields__ if (kind, name) not in HIDDEN]


def _by_expert(key: str) -> Shape:
    """Give each expert's value a key of its own: `{}_magnitude` becomes `high_magnitude`."""
    return lambda values: {key.format(expert): encoded(value) for expert, value in values.items()}


def _named(key: str, *names: str) -> Shape:
    """Give names to the members of plain tuples."""
    return lambda rows: {key: [dict(zip(names, map(encoded, row), strict=True)) for row in rows]}


def _evolution(evolution: Evolution | None) -> dict[str, Json]:
    nothing: dict[str, Json] = dict.fromkeys(Evolution.__struct_fields__)
    return nothing if evolution is None else _members(evolution)


HIDDEN: frozenset[tuple[type, str]] = frozenset(
    {
        (Report, "titles"),
        (Report, "curves"),
        (Report, "film"),
        (Report, "glossary"),
        (RunSummary, "trainer_kind"),
        (RunSummary, "may_be"),
        (RunSummary, "console_alone"),
        (Finding, "means"),
        (Finding, "limits"),
        (Evidence, "notation"),
        (BoundFact, "notation"),
        (NextConfig, "apart_by"),
        (PlanItem, "where"),
    }
)
"""Fields that tell the program what to do with a value, and the curves of the page's figures."""
KEYS: dict[tuple[type, str], str] = {
    (Change, "old"): "from",
    (Change, "new"): "to",
    (Remark, "place"): "source",
    (Component, "place"): "source",
}
SHAPES: Mapping[tuple[type, str], Shape] = {
    (Report, "experts"): lambda pairs: {"experts": {expert: _members(figures) for expert, figures in pairs}},
    (Report, "evolution"): _evolution,  # part by part at the top; nulls before a run
    (Report, "motion"): lambda motion: {} if motion is None else {"motion": encoded(motion)},
    (CheckpointRow, "magnitude"): _by_expert("{}_magnitude"),
    (CheckpointRow, "update_norm"): _by_expert("{}_update_norm"),
    (CheckpointRow, "lr"): _by_expert("lr_{}"),
    (Outlook, "lr"): _by_expert("lr_{}"),
    (Finding, "claims"): lambda claims: {"claims": [claim.id for claim in claims], "citations": encoded(claims)},
    (Keep, "against"): _named("against", "step", "criterion"),
    (Conflict, "wishes"): _named("wishes", "rule", "wants"),
}
"""The fields that have another shape in the document than their type has."""


def _finite(value: Json, pointer: str, not_finite: list[Json]) -> Json:
    """Copy a document, with null for every number that is not finite; those are added to `not_finite`."""
    if isinstance(value, dict):
        return {key: _finite(item, f"{pointer}/{key}", not_finite) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item, f"{pointer}/{index}", not_finite) for index, item in enumerate(value)]
    if isinstance(value, int | float) and not finite(value):
        not_finite.append({"at": pointer, "was": str(value) if isinstance(value, float) else "an integer too large"})
        return None
    return value

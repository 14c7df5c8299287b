"""The JSON Schema of the JSON report, worked out from the types that the report is made of.

`report.schema.json` beside this module is what it returns, shipped for those who read reports with other programs. Keys
may be added to a report, so the schema asks for those of today and allows others.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from diagnose.core.values import Place
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.report.views.json import HIDDEN, KEYS
from diagnose.verdict.judgement import Conflict, Finding
from diagnose.verdict.next.next_config import Outlook
from diagnose.verdict.report import SCHEMA, Report
from diagnose.verdict.run_tables import CheckpointRow, ExpertFigures

Schema: TypeAlias = "dict[str, Any]"
Shape: TypeAlias = "Callable[[Any, dict[str, Schema]], Schema]"
_PLAIN: Mapping[object, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": ["integer", "null"]},
    float: {"type": ["number", "null"]},  # what is not finite is null
    str: {"type": "string"},
    type(None): {"type": "null"},
}


def report_schema() -> Schema:
    """Return the schema of a whole report, in JSON Schema draft 2020-12.

    Raises:
        TypeError: the report holds a type that the JSON view does not know.
    """
    named: dict[str, Schema] = {}
    report = _members(Report, named)
    not_finite = {"type": "array", "items": _object({"at": _PLAIN[str], "was": _PLAIN[str]})}
    properties = {"schema": {"const": SCHEMA}, **report["properties"], "not_finite": not_finite}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A report of diagnose",
        **_object(properties, open_=report.get("patternProperties")),
        "$defs": dict(sorted(named.items())),
    }


def _object(properties: Mapping[str, Schema], *, open_: Mapping[str, Schema] | None = None) -> Schema:
    made: Schema = {"type": "object", "properties": dict(properties), "required": list(properties)}
    return {**made, "patternProperties": dict(open_)} if open_ else made


def _members(kind: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - a type of any value
    hints = get_type_hints(kind)
    properties: dict[str, Schema] = {}
    open_: dict[str, Schema] = {}
    for name in (field.name for field in fields(kind) if (kind, field.name) not in HIDDEN):
        hint, shape = hints[name], SHAPED.get((kind, name))
        if shape is not None:
            found = shape(hint, named)
            open_ |= found.get("patternProperties", {})
            properties |= found.get("properties", {})
        else:
            properties[KEYS.get((kind, name), name)] = _of(hint, named)
    return _object(properties, open_=open_)


def _experts(_: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - the same
    figures = {"type": "object", "additionalProperties": _of(ExpertFigures, named)}
    return {"properties": {"experts": figures}}


def _evolution(_: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - the same
    parts = _members(Evolution, named)["properties"]
    return {"properties": {key: {"anyOf": [part, _PLAIN[type(None)]]} for key, part in parts.items()}}


def _by_expert(key: str) -> Shape:
    return lambda hint, named: {"patternProperties": {f"^{key.format('.+')}$": _of(get_args(hint)[1], named)}}


def _claims(hint: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - the same
    return {"properties": {"claims": {"type": "array", "items": _PLAIN[str]}, "citations": _of(hint, named)}}


def _named(key: str, *names: str) -> Shape:
    def shape(hint: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - the same
        row = get_args(get_args(hint)[0])
        item = _object({name: _of(each, named) for name, each in zip(names, row, strict=True)})
        return {"properties": {key: {"type": "array", "items": item}}}

    return shape


SHAPED: Mapping[tuple[type, str], Shape] = {
    (Report, "experts"): _experts,
    (Report, "evolution"): _evolution,
    (CheckpointRow, "magnitude"): _by_expert("{}_magnitude"),
    (CheckpointRow, "update_norm"): _by_expert("{}_update_norm"),
    (CheckpointRow, "lr"): _by_expert("lr_{}"),
    (Outlook, "lr"): _by_expert("lr_{}"),
    (Finding, "claims"): _claims,
    (Keep, "against"): _named("against", "step", "criterion"),
    (Conflict, "wishes"): _named("wishes", "rule", "wants"),
}
"""The fields that the JSON view gives another shape than their type has."""


def _of(hint: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - an annotation of any kind
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is Place:
        place = _members(Place, named)
        return {**place, "required": ["file"]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in named:
            named[hint.__name__] = {}
            named[hint.__name__] = _members(hint, named)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return _of_several(hint, named)


def _of_several(hint: Any, named: dict[str, Schema]) -> Schema:  # noqa: ANN401 - the same
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(each, named) for each in inner]}
    if origin is tuple and inner[1:] == (...,):
        return {"type": "array", "items": _of(inner[0], named)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_of(each, named) for each in inner], "minItems": len(inner)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1], named)}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": _of(inner[0], named)}
    raise TypeError(f"{hint}: no place in the schema of the report")

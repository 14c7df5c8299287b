"""The JSON Schema of the JSON report, worked out from the types that the report is made of.

`diagnose/report/report.schema.json` is what it returns, shipped for those who read reports with other programs. Keys may
be added to a report, so the schema asks for those of today and allows others.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.report.views.json import KEYS, SHAPES, shown_fields
from diagnose.verdict.judgement import Conflict, Finding
from diagnose.verdict.motion import MotionTable
from diagnose.verdict.next.next_config import Outlook
from diagnose.verdict.report import SCHEMA, Report
from diagnose.verdict.run_tables import CheckpointRow, ExpertFigures

Schema: TypeAlias = "dict[str, Any]"

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
    types_ = _Types()
    report = types_.members(Report)
    not_finite = {"type": "array", "items": object_schema({"at": _PLAIN[str], "was": _PLAIN[str]})}
    properties = {"schema": {"const": SCHEMA}, **report["properties"], "not_finite": not_finite}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A report of diagnose",
        **object_schema(properties),
        "$defs": dict(sorted(types_.named.items())),
    }


class _Types:
    """The schemas of the report's types; a value is described once, under its name in `named`."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def members(self, kind: Any) -> Schema:
        hints = get_type_hints(kind)
        properties: dict[str, Schema] = {}
        patterns: dict[str, Schema] = {}
        for name in shown_fields(kind):
            hint = hints[name]
            if (kind, name) in SHAPES:
                found = SHAPED[kind, name](hint, self)
                patterns |= found.get("patternProperties", {})
                properties |= found.get("properties", {})
            else:
                properties[KEYS.get((kind, name), name)] = self.of(hint)
        made = object_schema(properties)
        return {**made, "patternProperties": patterns} if patterns else made

    def of(self, hint: Any) -> Schema:
        if hint in _PLAIN:
            return _PLAIN[hint]
        if hint is Place:
            return {**self.members(Place), "required": ["file"]}
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [each.value for each in hint]}
        if isinstance(hint, type) and issubclass(hint, Struct):
            if hint.__name__ not in self.named:
                self.named[hint.__name__] = {}  # what it holds may hold it again
                self.named[hint.__name__] = self.members(hint)
            return {"$ref": f"#/$defs/{hint.__name__}"}
        return self._of_several(hint)

    def _of_several(self, hint: Any) -> Schema:
        origin, inner = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(each) for each in inner]}
        if origin is tuple and inner[1:] == (...,):
            return {"type": "array", "items": self.of(inner[0])}
        if origin is tuple:
            return {"type": "array", "prefixItems": [self.of(each) for each in inner], "minItems": len(inner)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return {"type": "array", "items": self.of(inner[0])}
        raise TypeError(f"{hint}: no place in the schema of the report")


def object_schema(properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object that has these keys, and may have others."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


Shaped: TypeAlias = "Callable[[Any, _Types], Schema]"


def _by_expert(key: str) -> Shaped:
    return lambda hint, known: {"patternProperties": {f"^{key.format('.+')}$": known.of(get_args(hint)[1])}}


def _named(key: str, *names: str) -> Shaped:
    def schema(hint: Any, known: _Types) -> Schema:
        row = get_args(get_args(hint)[0])
        item = object_schema({name: known.of(each) for name, each in zip(names, row, strict=True)})
        return {"properties": {key: {"type": "array", "items": item}}}

    return schema


def _evolution(_: object, known: _Types) -> Schema:
    parts = known.members(Evolution)["properties"]
    return {"properties": {key: {"anyOf": [part, {"type": "null"}]} for key, part in parts.items()}}


SHAPED: Mapping[tuple[type, str], Shaped] = {
    (Report, "experts"): lambda _, known: {
        "properties": {"experts": {"type": "object", "additionalProperties": known.of(ExpertFigures)}}
    },
    (Report, "evolution"): _evolution,
    (Report, "motion"): lambda _, known: {"patternProperties": {"^motion$": known.of(MotionTable)}},
    (CheckpointRow, "magnitude"): _by_expert("{}_magnitude"),
    (CheckpointRow, "update_norm"): _by_expert("{}_update_norm"),
    (CheckpointRow, "lr"): _by_expert("lr_{}"),
    (Outlook, "lr"): _by_expert("lr_{}"),
    (Finding, "claims"): lambda hint, known: {
        "properties": {"claims": {"type": "array", "items": known.of(str)}, "citations": known.of(hint)}
    },
    (Keep, "against"): _named("against", "step", "criterion"),
    (Conflict, "wishes"): _named("wishes", "rule", "wants"),
}
"""The schemas of the fields that have another shape in the document than their type has, as the JSON view writes them."""

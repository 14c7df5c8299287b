"""The JSON Schema of the JSON report, worked out from the types that the report is made of.

`report.schema.json` beside this module is what it returns, shipped for those who read reports with other programs. Keys
may be added to a report, so the schema asks for those of today and allows others.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.report.views.json import KEYS, SHAPES, Schema, object_schema, shown_fields
from diagnose.verdict.report import SCHEMA, Report

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

    def members(self, kind: Any) -> Schema:  # noqa: ANN401 - a type of any value
        hints = get_type_hints(kind)
        properties: dict[str, Schema] = {}
        patterns: dict[str, Schema] = {}
        for name in shown_fields(kind):
            hint, shape = hints[name], SHAPES.get((kind, name))
            if shape is not None:
                found = shape.schema(hint, self)
                patterns |= found.get("patternProperties", {})
                properties |= found.get("properties", {})
            else:
                properties[KEYS.get((kind, name), name)] = self.of(hint)
        made = object_schema(properties)
        return {**made, "patternProperties": patterns} if patterns else made

    def of(self, hint: Any) -> Schema:  # noqa: ANN401 - an annotation of any kind
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

    def _of_several(self, hint: Any) -> Schema:  # noqa: ANN401 - the same
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

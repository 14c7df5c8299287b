"""From a parsed file to a shape, or to faults: what pydantic found, in plain words, at the right lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from diagnose.rulebase.faults import Fault
from diagnose.rulebase.reading.schema import known_keys
from diagnose.rulebase.yaml_places import MAX_FAULTS, Document, KeyPath, dotted

T = TypeVar("T")

_WORDS: Mapping[str, str] = {
    "bool_type": "give true or false",
    "dict_type": "give a mapping of keys to values",
    "enum": "give {expected}",
    "float_type": "give a number",
    "greater_than_equal": "give at least {ge}",
    "int_type": "give a whole number",
    "list_type": "give a list",
    "literal_error": "give {expected}",
    "model_type": "give a mapping of keys to values",
    "string_too_long": "give at most {max_length} characters",
    "string_too_short": "give a text",
    "string_type": "give a text; quote what would be read as something else",
    "too_long": "give at most {max_length}",
    "too_short": "give at least {min_length}",
}
"""pydantic's words for a fault, by its type, put as what to write; its own for types that are not here."""


def validate(check: Callable[[Any], T], document: Document) -> tuple[T | None, list[Fault]]:
    """Return what `check` (a shape's validator) makes of the document, or None and every fault it found."""
    try:
        return check(document.data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [_fault(document, detail) for detail in found[:MAX_FAULTS]]
        if len(found) > MAX_FAULTS:
            faults.append(document.fault((), f"{len(found) - MAX_FAULTS} more faults of this file are not listed"))
        return None, faults


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean a or b?" for the known names most like this one, or "" where none is like it."""
    found = get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def _fault(document: Document, detail: ErrorDetails) -> Fault:
    path = _place(document, detail["loc"])
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "missing":
        text = f"the key {last} is missing"
    elif detail["type"] == "extra_forbidden":
        text = f"unknown key{nearest(last, known_keys())}"
    else:
        words = _WORDS.get(detail["type"])
        text = detail["msg"] if words is None else words.format_map(detail.get("ctx", {}))
    return document.fault(path, f"{dotted(path)}: {text}" if path else text)


def _place(document: Document, loc: tuple[int | str, ...]) -> KeyPath:
    """The path within the file: pydantic's location without the names of union members, which the file has not."""
    path: KeyPath = ()
    for part in loc:
        if (*path, part) in document.lines:
            path = (*path, part)
    return path

"""Shapes: how the texts of rule and knowledge files are spelled, and from a parsed file to a shape or to faults.

What pydantic finds is put in plain words, at the right lines.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias, TypeVar

from msgspec import convert
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from diagnose.core.errors import nearest
from diagnose.rulebase.faults import KeyPath, quoted
from diagnose.rulebase.rule import CLAIM_ID, FACT_NAME, MAX_TEXT, MAX_TITLE, MAX_WHOLE, RULE_NAME, WORD
from diagnose.rulebase.yaml_places import MAX_FAULTS, Document


def _spelled(pattern: str, meaning: str) -> AfterValidator:
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise PydanticCustomError("spelling", "{text} is not {meaning}", {"text": quoted(text), "meaning": meaning})
        return text

    return AfterValidator(check)


def _scalar(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        raise PydanticCustomError("scalar", "give a number, a text, true or false")
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        raise PydanticCustomError("scalar", "whole numbers beyond 2**53 are not exact")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise PydanticCustomError("scalar", f"texts are at most {MAX_TEXT} characters long")
    return value


def _prose(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("prose", "give a text; this one is empty")
    if len(text) > MAX_TEXT:
        raise PydanticCustomError("prose", f"texts are at most {MAX_TEXT} characters long")
    return text.strip()


RuleId: TypeAlias = Annotated[str, _spelled(r"[A-Z]{3}[0-9]{3}", "an id: three capitals and three digits, like WGT003")]
RuleName: TypeAlias = Annotated[
    str, _spelled(RULE_NAME, "a name: lower-case words joined by hyphens, like lr-ratio-too-small")
]
TrainerName: TypeAlias = Annotated[
    str, _spelled(RULE_NAME, "the name of a trainer, like ai-toolkit, in a list; or any, alone")
]
Word: TypeAlias = Annotated[str, _spelled(WORD, "a name: lower-case letters, digits and _, like lr_ratio_min")]
FactName: TypeAlias = Annotated[
    str, _spelled(FACT_NAME, "a fact: lower-case words joined by dots, like weights.magnitude")
]
SettingName: TypeAlias = Annotated[
    str, _spelled(FACT_NAME, "a setting: lower-case words joined by dots, like rate.max.high")
]
Given: TypeAlias = Annotated[
    str, _spelled(rf"{FACT_NAME}(?:@\S{{1,200}})?", "a fact, or fact@subject, like weights.magnitude@high")
]
Conclusion: TypeAlias = Annotated[
    str, _spelled(rf"(?:symptom|cause)\.{WORD}", "a conclusion: symptom.name or cause.name")
]
ClaimId: TypeAlias = Annotated[str, _spelled(CLAIM_ID, "a claim id, like WGT-01")]
Version: TypeAlias = Annotated[str, _spelled(r"[0-9]+\.[0-9]+\.[0-9]+", "a version of three numbers, like 0.1.0")]
Prose: TypeAlias = Annotated[str, AfterValidator(_prose)]
Title: TypeAlias = Annotated[str, StringConstraints(max_length=MAX_TITLE), AfterValidator(_prose)]
AnyScalar: TypeAlias = Annotated[bool | float | int | str, PlainValidator(_scalar)]
ScalarOrNull: TypeAlias = Annotated[
    bool | float | int | str | None, PlainValidator(lambda value: None if value is None else _scalar(value))
]
Sources: TypeAlias = Annotated[
    list[Prose], BeforeValidator(lambda value: [value] if isinstance(value, str) else value), Field(min_length=1)
]

MAX_PARTS = 100
"""Longest list of a rule: enough for any rule, and few enough for lints that compare all with all."""

T = TypeVar("T")

Chosen: TypeAlias = Annotated[T, Field(strict=False)]
"""An enum member written as its value; strict mode alone would want the member itself."""

Some: TypeAlias = Annotated[list[T], Field(min_length=1, max_length=MAX_PARTS)]
Listed: TypeAlias = Annotated[list[T], Field(max_length=MAX_PARTS)]
"""A list with at least one member, and one that may be empty."""


class Shape(BaseModel):
    """Strict: unknown keys are refused, and no value is converted. Built once, from the outermost shape."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def frozen(kind: type[T], shape: Shape, **more: object) -> T:
    """Return a shape, with more fields, as a value of this kind: fields go by their names, and lists become tuples."""
    return convert({**dict(shape), **more}, kind, from_attributes=True)


def known_keys() -> frozenset[str]:
    """Return every key that some shape knows, for a hint beside an unknown one."""
    shapes = [Shape]
    keys: set[str] = set()
    while shapes:
        shape = shapes.pop()
        shapes.extend(shape.__subclasses__())
        keys.update(field.alias or name for name, field in shape.model_fields.items())
    return frozenset(keys)


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


def validate(check: Callable[[Any], T], document: Document) -> T | None:
    """Return what `check` (a shape's validator) makes of the document, or None; every fault it found is noted there."""
    try:
        return check(document.data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        for detail in found[:MAX_FAULTS]:
            _note(document, detail)
        if len(found) > MAX_FAULTS:
            document.note((), f"{len(found) - MAX_FAULTS} more faults of this file are not listed")
        return None


def _note(document: Document, detail: ErrorDetails) -> None:
    path: KeyPath = ()  # pydantic's location without the names of union members, which the file has not
    for part in detail["loc"]:
        if (*path, part) in document.lines:
            path = (*path, part)
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "missing":
        text = f"the key {last} is missing"
    elif detail["type"] == "extra_forbidden":
        text = f"unknown key{nearest(last, known_keys())}"
    else:
        words = _WORDS.get(detail["type"])
        text = detail["msg"] if words is None else words.format_map(detail.get("ctx", {}))
    document.note(path, text)


MOST_CHARACTERS = 400
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEAT = re.compile(r"[*+]|\{\d*,\d*\}")
_MANY = re.compile(r"[*+]|\{\d*,\}|\{\d*,\d{2,}\}")


def _pattern(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a set or a flag that a later Python reads in another way
            compiled = re.compile(text)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise _refused(f"{text} is no regular expression: {error}") from error
    if compiled.search(""):
        raise _refused(f"{text} matches an empty text")
    if len(text) > MOST_CHARACTERS:
        raise _refused(f"{len(text)} characters; at most {MOST_CHARACTERS}, write two patterns")
    if repeats_within_repeats(text):
        raise _refused(f"{text} repeats what repeats, which takes for ever on some texts; write the inner one once")
    return text


def _refused(why: str) -> PydanticCustomError:
    return PydanticCustomError("pattern", "{why}", {"why": why})


def repeats_within_repeats(pattern: str) -> bool:
    """Return whether a group that is repeated many times repeats many times within: `(a+)+`.

    Such a pattern can take a time that doubles with every character of the text.
    """
    plain = _CLASS.sub("x", re.sub(r"\\.", "y", pattern))
    within = [False]  # of each open group, whether something in it repeats many times
    for at, character in enumerate(plain):
        if character == "(":
            within.append(False)
        elif character == ")" and len(within) > 1:
            inner = within.pop()
            repeated = _REPEAT.match(plain, at + 1)
            if inner and repeated is not None:
                return True
            within[-1] |= inner
        elif _MANY.match(plain, at):
            within[-1] = True
    return False


Pattern: TypeAlias = Annotated[str, AfterValidator(_pattern)]

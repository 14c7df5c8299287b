"""How the texts of rule and knowledge files are spelled: the field types of every shape, with one message each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from diagnose.rulebase.faults import quoted
from diagnose.rulebase.names import CLAIM_ID, FACT_NAME, MAX_TEXT, MAX_TITLE, MAX_WHOLE, RULE_NAME, WORD


def _spelled(pattern: str, meaning: str) -> Callable[[str], str]:
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise PydanticCustomError("spelling", "{text} is not {meaning}", {"text": quoted(text), "meaning": meaning})
        return text

    return check


def _scalar(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        raise PydanticCustomError("scalar", "give a number, a text, true or false")
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        raise PydanticCustomError("scalar", "whole numbers beyond 2**53 are not exact")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise PydanticCustomError("scalar", f"texts are at most {MAX_TEXT} characters long")
    return value


def _scalar_or_null(value: object) -> object:
    return None if value is None else _scalar(value)


def _prose(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("prose", "give a text; this one is empty")
    if len(text) > MAX_TEXT:
        raise PydanticCustomError("prose", f"texts are at most {MAX_TEXT} characters long")
    return text.strip()


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


RuleId: TypeAlias = Annotated[
    str, AfterValidator(_spelled(r"[A-Z]{3}[0-9]{3}", "an id: three capitals and three digits, like WGT003"))
]
RuleName: TypeAlias = Annotated[
    str, AfterValidator(_spelled(RULE_NAME, "a name: lower-case words joined by hyphens, like lr-ratio-too-small"))
]
Word: TypeAlias = Annotated[
    str, AfterValidator(_spelled(WORD, "a name: lower-case letters, digits and _, like lr_ratio_min"))
]
FactName: TypeAlias = Annotated[
    str, AfterValidator(_spelled(FACT_NAME, "a fact: lower-case words joined by dots, like weights.magnitude"))
]
Given: TypeAlias = Annotated[
    str,
    AfterValidator(_spelled(rf"{FACT_NAME}(?:@\S{{1,200}})?", "a fact, or fact@subject, like weights.magnitude@high")),
]
Conclusion: TypeAlias = Annotated[
    str, AfterValidator(_spelled(rf"(?:symptom|cause)\.{WORD}", "a conclusion: symptom.name or cause.name"))
]
ClaimId: TypeAlias = Annotated[str, AfterValidator(_spelled(CLAIM_ID, "a claim id, like WGT-01"))]
Version: TypeAlias = Annotated[
    str, AfterValidator(_spelled(r"[0-9]+\.[0-9]+\.[0-9]+", "a version of three numbers, like 0.1.0"))
]
Prose: TypeAlias = Annotated[str, AfterValidator(_prose)]
Title: TypeAlias = Annotated[str, StringConstraints(max_length=MAX_TITLE), AfterValidator(_prose)]
AnyScalar: TypeAlias = Annotated[bool | float | int | str, PlainValidator(_scalar)]
ScalarOrNull: TypeAlias = Annotated[bool | float | int | str | None, PlainValidator(_scalar_or_null)]
Sources: TypeAlias = Annotated[list[Prose], BeforeValidator(_one_or_many), Field(min_length=1)]

"""What an unquoted YAML scalar means, where every reader agrees; what is wrong with it, where they do not.

YAML 1.1 readers take 5e-06 for text, `no` for false, 010 for eight and 1:30 for ninety; YAML 1.2 readers do not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeAlias

from yaml.resolver import Resolver

Plain: TypeAlias = "bool | int | float | str | None"

MAX_DIGITS = 20
"""More digits than any whole number that a double holds exactly."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_WORDS: Mapping[str, Plain] = {"true": True, "false": False, "null": None, "": None}
_STARTS = frozenset("+-.0123456789~=<yYnNtTfFoOiI")  # of everything some reader takes for other than text
_READINGS: Mapping[str, Plain] = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def read_plain(text: str) -> tuple[Plain, str | None]:
    """Return the value of an unquoted scalar, and what is wrong with its spelling or None.

    A value comes with a complaint too, the likeliest one, so that one slip is not reported twice.
    """
    if text and text[0] not in _STARTS:
        return text, None
    if text in _WORDS:
        return _WORDS[text], None
    if _INTEGER.fullmatch(text):
        return (int(text), None) if len(text) <= MAX_DIGITS else (0, "the number has too many digits")
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return (number, None) if math.isfinite(number) else (0.0, f"{text:.60} is too large for a number")
    return _doubtful(text)


def _doubtful(text: str) -> tuple[Plain, str | None]:
    """Text, unless some YAML reader or some human would take it for something else."""
    number = None
    with suppress(ValueError):
        number = float(text)
    if number is not None and math.isfinite(number):
        instead = f"write {spelled(number)} (or quote it for text)"
        return number, f"{text:.60} is not a number to every YAML reader: {instead}"
    # what PyYAML would read, by YAML 1.1: bool, int, float, null, timestamp, merge, value; None for text
    resolvers = Resolver.yaml_implicit_resolvers.get(text[:1], ())
    tag = next((str(tag).rpartition(":")[2] for tag, pattern in resolvers if pattern.match(text)), None)
    if tag == "bool":
        word = _READINGS[text.lower()]
        instead = f"write {str(word).lower()} (or quote it for text)"
        return word, f"{text} is not a truth value to every YAML reader: {instead}"
    if tag is not None or number is not None:
        return text, f"{text:.60} is not plain text to every YAML reader: quote it"
    return text, None


def spelled(number: float) -> str:
    """Return a spelling that every YAML reader takes for this number: 5.0e-06, never 5e-06."""
    text = repr(number)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text

"""What one YAML scalar means to the trainers, and how a number is written so that every reader takes it for one.

YAML 1.1 as PyYAML reads it, with the trainers' own pattern for floats. A scalar their loader would stop at stays text
and carries a note: reading on shows the user more than stopping.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from decimal import Decimal
from typing import Any

from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from diagnose.core.values import Scalar

PREFIX = "tag:yaml.org,2002:"
MERGE = PREFIX + "merge"
FLOAT = PREFIX + "float"
INT = PREFIX + "int"
TEXT = PREFIX + "str"
_JSON_TAGS = frozenset(PREFIX + name for name in ("null", "bool", "int", "float", "str"))
"""The trainer passes its config through JSON: it stops at a date, a set or bytes."""

MAX_NUMBER = 64
"""Longer than any number people write; reading a base-60 number of a million parts takes hours."""

_SHOWN = 40
_EXPONENT = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTRUCTOR = SafeConstructor()


class _TrainerResolver(Resolver):
    """PyYAML's rules, plus an exponent that needs neither point nor sign, and a point with underscores only."""


_TrainerResolver.add_implicit_resolver(
    FLOAT, re.compile(rf"(?:{_EXPONENT.pattern}|\.[0-9_]+(?:[eE][-+][0-9]+)?)$"), list("-+0123456789.")
)
_TRAINER = _TrainerResolver()
_PLAIN_YAML = Resolver()


def read_scalar(text: str, tag: str | None, *, plain: bool) -> tuple[Scalar | None, str]:
    """Return the value of a scalar, and a note on what a reader of the file should know or "".

    Args:
        text: the scalar's content, quotes and escapes resolved.
        tag: the full tag it carries in the file, or None.
        plain: written without quotes.
    """
    full = scalar_tag(text, tag, plain=plain)
    if full == TEXT:
        return _read_text(text, plain=plain and tag is None)
    shown = shortened(text)
    if full not in _JSON_TAGS:
        if tag in (None, "!"):
            kind = full.removeprefix(PREFIX)
            return text, f"{shown} is a {kind} to the trainer, which stops at it; put it in quotes"
        return read_scalar(text, None, plain=plain)[0], unknown_tag(full)
    if full in {INT, FLOAT} and len(text) > MAX_NUMBER:
        return text, f"{shown} has {len(text)} digits; taken as text"
    return _construct(text, full, shown, plain=plain and tag is None)


def scalar_tag(text: str, tag: str | None, *, plain: bool) -> str:
    """Return the full tag of a scalar; the bare tag "!" means the same as no quotes to PyYAML."""
    if tag is not None and tag != "!":
        return tag
    return _resolve(_TRAINER, text, plain=plain or tag == "!")


def unknown_tag(tag: str) -> str:
    """Return the note on a tag that the trainer's loader does not take."""
    return f"the trainer does not take the tag {shortened(tag.replace(PREFIX, '!!'))} and stops at it; read without it"


def shortened(text: str) -> str:
    """Return a stranger's text fit for the middle of a sentence: one line, and not long."""
    line = " ".join(text[: 2 * _SHOWN].split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."


def _construct(text: str, tag: str, shown: str, *, plain: bool) -> tuple[Scalar | None, str]:
    try:
        value = SafeConstructor.yaml_constructors[tag](_CONSTRUCTOR, ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError, ConstructorError):
        return text, f"{shown} cannot be read as {tag.removeprefix(PREFIX)}; the trainer stops at it"
    if not plain or tag not in {INT, FLOAT}:
        return value, ""
    if ":" in text:
        return value, f"{shown} is read as {value} (base 60); put it in quotes if it is text"
    if tag == INT and re.match(r"[-+]?0[0-7_]", text):
        return value, f"{shown} is read as {value} (octal)"
    if _resolve(_PLAIN_YAML, text, plain=True) == TEXT:
        return value, f"{shown} is a number to the trainer but text to other YAML readers; write {spell(value)}"
    return value, ""


def _read_text(text: str, *, plain: bool) -> tuple[str, str]:
    if _SURROGATE.search(text):
        mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return mended, "an escape is half a character; shown as \ufffd" if "\ufffd" in mended else ""
    if plain and len(text) <= MAX_NUMBER and any(mark in "0123456789" for mark in text):
        with suppress(ValueError):
            return text, f"{text} looks like a number but is text to the trainer; write {spell(float(text))}"
    return text, ""


def _resolve(resolver: Any, text: str, *, plain: bool) -> str:  # noqa: ANN401 (PyYAML is untyped here)
    return str(resolver.resolve(ScalarNode, text, (plain, not plain)))


SMALL = 1e-3
LARGE = 1e16


def spell(number: float) -> str:
    """Return a spelling of a finite number, rates the way people write them: 2.0e-5, not 2e-05 or 0.00002.

    YAML 1.1 takes an exponent for a number only behind a decimal point and with a sign.
    """
    if isinstance(number, int) or not math.isfinite(number) or SMALL <= abs(number) < LARGE or number == 0:
        return repr(number)
    sign, digits, shift = Decimal(repr(number)).normalize().as_tuple()
    first, *rest = (str(digit) for digit in digits)
    exponent = int(shift) + len(rest)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}e{exponent:+d}"

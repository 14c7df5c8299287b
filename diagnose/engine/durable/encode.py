"""Values and facts in the form the C engine reads without error; what it cannot hold is refused.

Numbers are doubles written as `5.0e-06` (the engine's parser wants a point before the exponent), text is ASCII
JSON. Every message has every property, so that no join can miss one. Why each limit stands: the engine compares
integers and doubles differently, tells -0.0 from 0.0, knows no NaN, and compares the lengths of texts in 16 bits.
"""

from __future__ import annotations

import json
import math
import re
from typing import TypeAlias

from diagnose.core.errors import EngineError
from diagnose.core.values import Scalar
from diagnose.rulebase.rule import MAX_TEXT

Node: TypeAlias = "str | float | list[Node] | dict[str, Node]"

MAX_MESSAGES = 20_000
"""In a stage: as far as the engine was tried. The hashes of their ids, all it compares, are distinct."""

KNOWN, UNKNOWN, TRIED, GO = "known", "unknown", "tried", "__GO__"
"""Kinds of message: a fact with a value, one without, a subject that a rule is tried for, the gate."""

BARE_EXPONENT = re.compile(r'([^\\]": -?\d)(?=e)')
"""A number without a point before its exponent, after a name. Within a text a quote has a backslash before it."""


def as_double(value: float) -> float:
    """Return a number as the double the engine gets; -0.0 becomes 0.0.

    Raises:
        EngineError: it is not finite, or an int that no double equals.
    """
    try:
        double = float(value) + 0.0
    except OverflowError:
        double = math.inf
    if not math.isfinite(double) or double != value:
        raise EngineError(f"the engine cannot hold the number {value!r:.40}: it is no finite double")
    return double


def as_text(text: str) -> str:
    """Return a text as the engine gets it.

    Raises:
        EngineError: it is longer than the engine can compare.
    """
    if len(text) > MAX_TEXT:
        raise EngineError(f"the engine cannot hold a text of {len(text)} characters ({text[:40]!r}...)")
    return text


def canonical(value: Scalar) -> str:
    """Return a text that two values share exactly if they are equal: `type:value`."""
    if isinstance(value, str):
        return f"text:{as_text(value)}"
    return f"truth:{value}" if isinstance(value, bool) else f"number:{as_double(value)!r}"


def message(number: int, kind: str, name: str = "", subject: str = "", value: Scalar = "") -> str:
    """Return the JSON of one message; `number` makes its id, and `value` is for KNOWN only.

    `one` is 1.0 in every message. Its `value` holds any value, for equality; its `number` is for order and products.
    """
    held = canonical(value)
    return to_json(
        {
            "id": f"f{number}",
            "one": 1.0,
            "kind": kind,
            "name": as_text(name),
            "subject": as_text(subject),
            "type": held.partition(":")[0],
            "value": held,
            "number": as_double(value) if not isinstance(value, (bool, str)) else 0.0,
        }
    )


def to_json(node: Node) -> str:
    """Return JSON as the engine's parser wants it: ASCII, one line, and 5e-06 as 5.0e-06."""
    return BARE_EXPONENT.sub(r"\1.0", json.dumps(node))

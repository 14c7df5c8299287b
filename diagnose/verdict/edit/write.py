"""How a key or a value is written into a config: the way a person would, and the same number to every reader."""

from __future__ import annotations

import json
import math
import re
from enum import Enum

import yaml

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Scalar
from diagnose.sources.config.scalars import read_scalar, spell

_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_/][A-Za-z0-9_./+-]*)*")
"""Text that needs no quotes in any context, unless it reads as a number, a truth value or a date."""


class Notation(Enum):
    """Where a value is written."""

    BLOCK = "block"
    FLOW = "flow"
    JSON = "json"


def write_scalar(value: Scalar | None, notation: Notation, like: str = "") -> str:
    """Return a value as config text.

    Args:
        value: what the trainer is to read.
        notation: what it is written into.
        like: the quote of the text it replaces, or of the keys beside it; kept where it can be.

    Raises:
        DiagnoseError: a number that is not finite, or text with half a character.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _write_text(value, notation, like)
    if not math.isfinite(value):
        raise DiagnoseError(f"{value} cannot be written into a config; give a finite number")
    return spell(value)


def _write_text(text: str, notation: Notation, like: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DiagnoseError(f"{text!r} cannot be written into a config; give UTF-8 text") from error
    if notation is Notation.JSON:
        return json.dumps(text, ensure_ascii=False)
    if like == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if like != '"' and _PLAIN.fullmatch(text) and read_scalar(text, None, plain=True) == (text, ""):
        return text
    quoted = yaml.dump(text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=math.inf)
    return str(quoted).rstrip("\n")

"""The wording of a firing: the one place where a rule's sentences meet the values it was fired by."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Fact, Scalar
from diagnose.rulebase.rule import Param, Rule

SUBJECT = "subject"
"""The placeholder for what the rule fired for."""
OF_SETTING = "key"
"""The placeholder for the key of a setting: `{key:steps}`."""
_KEY = f"{OF_SETTING}:"

_NAME = re.compile(r"\$?[a-z][a-z0-9_]*")
_FORMAT = re.compile(r",?(?:\.[0-9]{1,2})?[defg%]?")
_SETTING = re.compile(r"[a-z][a-z0-9_]+(?:\.[a-z][a-z0-9_]*)*")
_NAMED_KEY = re.compile(rf"\{{{OF_SETTING}:({_SETTING.pattern})\}}")
_BRACKETS = re.compile(r"(\[\[|\]\]|\[|\])")
_ESCAPED = {"[[": "[", "]]": "]"}
_ALONE = re.compile(rf"\{{({_NAME.pattern})\}}")
_PLAIN_FROM, _WHOLE_FROM, _POWER_FROM = 1e-3, 1e3, 1e15


class Placeholder(Struct, frozen=True, tag=True):
    """`{alias}` or `{alias:.2f}`; `{$name}` is a parameter, as `$name` is in a condition.

    `{key:steps}` is the key of a setting, as the trainer calls it; its name is `key:steps`.
    """

    name: str
    spec: str

    @property
    def setting(self) -> str | None:
        """The setting whose key it stands for; None for any other placeholder."""
        return self.name.removeprefix(_KEY) if self.name.startswith(_KEY) else None


Pieces: TypeAlias = tuple[tuple[str, Placeholder | None], ...]
"""Literal texts, each with the placeholder that follows it."""


class Segment(Struct, frozen=True, tag=True):
    """A part of a text. An optional one is left out where a value that it names is unknown."""

    pieces: Pieces
    optional: bool

    @property
    def names(self) -> frozenset[str]:
        """What its placeholders name."""
        return frozenset(each.name for _, each in self.pieces if each is not None and each.setting is None)


def pieces_of(template: str) -> Pieces:
    """Split a text at its placeholders.

    Raises:
        ValueError: a brace stands alone, or a placeholder is more than a name and a number format.
    """
    parts: list[tuple[str, Placeholder | None]] = []
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"{error}; write {{{{ and }}}} for braces") from error
    for literal, name, spec, conversion in parsed:
        placeholder = None
        if name == OF_SETTING and _SETTING.fullmatch(spec or ""):
            placeholder = Placeholder(f"{_KEY}{spec}", "")
        elif name is not None:
            if conversion or not _NAME.fullmatch(name) or not _FORMAT.fullmatch(spec or ""):
                raise ValueError(f"{{{name}}}: write a placeholder as {{name}} or {{name:.2f}}")
            placeholder = Placeholder(name, spec or "")
        parts.append((literal, placeholder))
    return tuple(parts)


def segments(text: str) -> tuple[Segment, ...]:
    """Split a message or advice: `The ratio is {ratio}[; it was {best} at its largest].` has one optional segment.

    `[[` and `]]` stand for brackets.

    Raises:
        ValueError: a bracket stands alone, a segment lies within another, or as `pieces_of`.
    """
    pieces_of(text)  # names a placeholder that holds a bracket
    found: list[Segment] = []
    part, optional = "", False
    for piece in _BRACKETS.split(text):
        if piece in _ESCAPED:
            part += _ESCAPED[piece]
        elif piece in {"[", "]"}:
            if optional is (piece == "["):
                raise ValueError(f"{piece} is alone; write [[ and ]] for brackets")
            found.append(Segment(pieces_of(part), optional))
            part, optional = "", not optional
        else:
            part += piece
    if optional:
        raise ValueError("[ is alone; write [[ and ]] for brackets")
    return (*found, Segment(pieces_of(part), optional=False))


def placeholders(text: str) -> list[Placeholder]:
    """Return the placeholders of a text in order, but for the keys of settings.

    Raises:
        ValueError: as `pieces_of`.
    """
    return [each for _, each in pieces_of(text) if each is not None and each.setting is None]


def settings_named(text: str) -> list[str]:
    """Return the settings whose keys a text names."""
    return _NAMED_KEY.findall(text)


def filled_by(text: str) -> str | None:
    """Return the placeholder that a text is; None for a text that says anything itself."""
    found = _ALONE.fullmatch(text)
    return found[1] if found is not None else None


def keyed(text: str, called: Callable[[str], str]) -> str:
    """Return a text of the knowledge with the keys that it names, `{key:steps}`, as `called` gives them."""
    return _NAMED_KEY.sub(lambda found: called(found[1]), text)


def in_keys(rule: Rule, called: Callable[[str], str]) -> Rule:
    """Return the rule with the keys of settings in its texts as `called` gives them, in place of `{key:steps}`."""

    def told(text: str) -> str:
        return keyed(text, lambda setting: re.sub(r"([\[\]{}])", r"\1\1", called(setting)))

    changes = tuple(replace(change, because=told(change.because)) for change in rule.changes)
    return replace(rule, message=told(rule.message), changes=changes)


def worded(text: str, rule: Rule, values: Mapping[str, Fact], subject: str) -> str:
    """Return a message or advice as it reads for one firing, without the optional segments that lack a value.

    Args:
        text: the text with its placeholders.
        rule: whose text it is; its parameters may be named too.
        values: the fact behind each alias.
        subject: what the rule fired for.

    Raises:
        KeyError: a placeholder outside the optional segments has no value; the lints exclude it for rules of a loaded
            base.
        ValueError: a placeholder's number format does not suit its value; likewise.
    """
    named = _named(rule, values, subject)
    kept = (segment for segment in segments(text) if not segment.optional or segment.names <= named.keys())
    pieces = tuple(piece for segment in kept for piece in segment.pieces)
    return _joined(pieces, named)


def filled(text: str, rule: Rule, values: Mapping[str, Fact], subject: str) -> str:
    """Return the setting or entry of a change for one firing. Brackets in it are those of a list.

    Raises:
        KeyError, ValueError: as `worded`.
    """
    return _joined(pieces_of(text), _named(rule, values, subject))


def with_parameters(text: str, rule: Rule) -> str:
    """Return a text or path of a rule with its parameters filled in; what only a firing knows stays as it is written.

    Raises:
        KeyError, ValueError: as `worded`.
    """
    values = {f"${param.name}": param.value for param in rule.params}
    told = []
    for literal, each in pieces_of(text):
        told.append(literal)
        if each is not None:
            told.append(format_value(values[each.name], each.spec) if each.name[0] == "$" else f"{{{each.name}}}")
    return "".join(told)


def with_shared(text: str, params: Mapping[str, Param]) -> str:
    """Return a text of the knowledge with the shared parameters that it names, `{$steps_max}`, filled in.

    Raises:
        KeyError, ValueError: as `worded`.
    """
    values = {f"${name}": param.value for name, param in params.items()}
    return _joined(pieces_of(text), values)


def format_value(value: Scalar | None, spec: str = "") -> str:
    """Return a value as people write it: text as it is, numbers to four digits, small ones as 1.48e-4; or by `spec`."""
    if spec:
        return format(value, spec)
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, float) else str(value)


def _named(rule: Rule, values: Mapping[str, Fact], subject: str) -> dict[str, Scalar | None]:
    named: dict[str, Scalar | None] = {f"${param.name}": param.value for param in rule.params}
    named |= {alias: fact.value for alias, fact in values.items()}
    return {**named, SUBJECT: subject}


def _joined(pieces: Pieces, named: Mapping[str, Scalar | None]) -> str:
    """Return the pieces with their placeholders filled; without a trainer a setting is called by its name."""
    told = ""
    for literal, each in pieces:
        # a value that is a sentence has its own full stop
        told += literal[1:] if told.endswith(".") and literal.startswith(".") else literal
        if each is not None:
            told += each.setting or format_value(named[each.name], each.spec)
    return told


def _number(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size == 0:
        return "0"
    if _PLAIN_FROM <= size < _WHOLE_FROM:
        return f"{value:.4g}"
    if _WHOLE_FROM <= size < _POWER_FROM:
        return f"{value:.0f}"
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"

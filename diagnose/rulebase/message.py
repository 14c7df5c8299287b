"""The wording of a firing: the one place where a rule's sentences meet the values it was fired by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from diagnose.model import Fact, Scalar
from diagnose.rulebase.rule import Rule

SUBJECT = "subject"
"""The placeholder for what the rule fired for."""

_NAME = re.compile(r"\$?[a-z][a-z0-9_]*")
_FORMAT = re.compile(r",?(?:\.[0-9]{1,2})?[defg%]?")
_PLAIN_FROM, _WHOLE_FROM, _POWER_FROM = 1e-3, 1e3, 1e15


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{alias}` or `{alias:.2f}`; `{$name}` is a parameter, as `$name` is in a condition."""

    name: str
    spec: str


def parse_message(message: str) -> list[tuple[str, Placeholder | None]]:
    """Split a message into literal texts, each with the placeholder that follows it.

    Raises:
        ValueError: a brace stands alone, or a placeholder is more than a name and a number format.
    """
    parts: list[tuple[str, Placeholder | None]] = []
    try:
        pieces = list(Formatter().parse(message))
    except ValueError as error:
        raise ValueError(f"{error}; write {{{{ and }}}} for braces") from error
    for literal, name, spec, conversion in pieces:
        if name is None:
            parts.append((literal, None))
            continue
        if conversion or not _NAME.fullmatch(name) or not _FORMAT.fullmatch(spec or ""):
            raise ValueError(f"{{{name}}}: write a placeholder as {{name}} or {{name:.2f}}")
        parts.append((literal, Placeholder(name, spec or "")))
    return parts


def placeholders(message: str) -> list[Placeholder]:
    """Return the placeholders of a message in order.

    Raises:
        ValueError: as `parse_message`.
    """
    return [placeholder for _, placeholder in parse_message(message) if placeholder is not None]


def render(rule: Rule, bound: Mapping[str, Fact], subject: str) -> str:
    """Return the rule's message about one firing; the arguments and errors are those of `filled`."""
    return filled(rule.message, rule, bound, subject)


def filled(template: str, rule: Rule, bound: Mapping[str, Fact], subject: str) -> str:
    """Return a sentence of a rule, or the path of a change, as it reads for one firing.

    Args:
        template: the text with its placeholders.
        rule: whose text it is; its parameters may be named too.
        bound: the fact behind each alias.
        subject: what the rule fired for.

    Raises:
        KeyError: a placeholder is bound to nothing; the lints exclude it for rules of a loaded base.
        ValueError: a placeholder's number format does not suit its value; likewise.
    """
    values: dict[str, Scalar | None] = {f"${param.name}": param.value for param in rule.params}
    values |= {alias: fact.value for alias, fact in bound.items()}
    values[SUBJECT] = subject
    return "".join(
        literal + (_formatted(values[placeholder.name], placeholder.spec) if placeholder else "")
        for literal, placeholder in parse_message(template)
    )


def with_parameters(template: str, rule: Rule) -> str:
    """Return a sentence of a rule with its parameters filled in, and what only a firing binds as it is written.

    Raises:
        KeyError, ValueError: as `filled`.
    """
    values = {f"${param.name}": param.value for param in rule.params}
    return "".join(literal + (_partly(each, values) if each else "") for literal, each in parse_message(template))


def format_value(value: Scalar | None) -> str:
    """Return a value as people write it: text as it is, numbers to four digits, small ones as 1.48e-4."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, float) else str(value)


def _partly(placeholder: Placeholder, values: Mapping[str, Scalar]) -> str:
    name, spec = placeholder.name, placeholder.spec
    if name.startswith("$"):
        return _formatted(values[name], spec)
    return f"{{{name}}}"


def _formatted(value: Scalar | None, spec: str) -> str:
    return format(value, spec) if spec else format_value(value)


def _number(value: float) -> str:
    size = abs(value)
    if size == 0:
        return "0"
    if _PLAIN_FROM <= size < _WHOLE_FROM:
        return f"{value:.4g}"
    if _WHOLE_FROM <= size < _POWER_FROM:
        return f"{value:.0f}"
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"

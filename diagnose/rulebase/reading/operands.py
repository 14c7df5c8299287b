"""What a written operand stands for: itself, or for `$name` a parameter's value."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.core.model import Scalar
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.rule import Param

MARK = "$"


def resolve(operand: Scalar, params: Mapping[str, Param]) -> tuple[Scalar, str | None]:
    """Return the value, and the parameter's name if it is one.

    Raises:
        LookupError: there is no such parameter; the text says so.
    """
    if not isinstance(operand, str) or not operand.startswith(MARK):
        return operand, None
    name = operand.removeprefix(MARK)
    if name not in params:
        raise LookupError(f"there is no parameter {name}{nearest(name, params)}")
    return params[name].value, name

"""What a parameter's value may be: whole, not below its least, and no `x_min` above its `x_max`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.core.model import Scalar
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rule import Param

MIN, MAX = "_min", "_max"


def fits(param: Param, value: Scalar) -> bool:
    """Return whether the parameter may have this value, whatever the others have."""
    if not is_number(value):
        return True
    whole = not param.whole or float(value).is_integer()
    return whole and (param.least is None or value >= param.least)


def asked_for(param: Param) -> str:
    """Return what a number of this parameter must be: "whole number of at least 1"."""
    least = "" if param.least is None else f" of at least {format_value(param.least)}"
    return f"{'whole number' if param.whole else 'number'}{least}"


def crossed(params: Mapping[str, Param]) -> Iterator[tuple[Param, Param, str]]:
    """Yield each pair of bounds of one thing of which the lower is above the upper, and what is to be said of it."""
    for name, lower in params.items():
        upper = params.get(f"{name.removesuffix(MIN)}{MAX}") if name.endswith(MIN) else None
        if upper is None or not is_number(lower.value) or not is_number(upper.value) or lower.value <= upper.value:
            continue
        values = f"{name} = {format_value(lower.value)} is above {upper.name} = {format_value(upper.value)}"
        yield lower, upper, values

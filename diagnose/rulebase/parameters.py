"""Parameters: what a value may be, which numbers follow from others, and what the user sets in their place."""

import math
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError, nearest
from diagnose.core.values import Scalar
from diagnose.rulebase.comparison import is_number
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rule import MAX_TEXT, MAX_WHOLE, Param


def fits(param: Param, value: Scalar) -> bool:
    """Return whether the parameter may have this value, whatever the others have."""
    whole = not param.whole or (is_number(value) and float(value).is_integer())
    return whole and (param.least is None or (is_number(value) and value >= param.least))


def asked_for(param: Param) -> str:
    """Return what a value of this parameter must be: "a whole number of at least 1"."""
    if isinstance(param.value, bool):
        return "true or false"
    number = "a whole number" if param.whole else "a number"
    least = "" if param.least is None else f" of at least {format_value(param.least)}"
    return f"{'a text' if isinstance(param.value, str) else number}{least}"


def crossed(params: Mapping[str, Param]) -> Iterator[tuple[Param, Param, str]]:
    """Yield each pair of bounds of one thing of which the lower is above the upper, and what is to be said of it."""
    for name, lower in params.items():
        upper = params.get(f"{name.removesuffix('_min')}_max") if name.endswith("_min") else None
        if upper is None or not is_number(lower.value) or not is_number(upper.value) or lower.value <= upper.value:
            continue
        values = f"{name} = {format_value(lower.value)} is above {upper.name} = {format_value(upper.value)}"
        yield lower, upper, values


DIGITS = 3
"""Digits of a derived rate or ratio: more would claim to know it better."""
MOST = 4.0
"""Times by which a recipe's ratio is moved at most: farther its rates would leave what is usual."""


class Scaling(Struct, frozen=True):
    """How the rates of a recipe follow a wanted ratio that they do not come to as they are written.

    `raised` are the rates of the high-noise expert as written, `lowered` those of the low-noise one.
    """

    comes_to: float
    """The ratio high/low that the rates as written come to, by the forecast."""
    wanted: tuple[str, str]
    """The parameters that bound the wanted ratio."""
    raised: Mapping[str, float]
    lowered: Mapping[str, float]


def settled(params: Mapping[str, Param]) -> Mapping[str, Param]:
    """Return the parameters, those that follow from others worked out, but for the ones that the user set."""
    found = dict(params)
    for name, param in params.items():
        each = param.follows
        if each is not None and not param.overridden:
            mean = math.fsum(float(params[other].value) for other in each.names) / len(each.names)
            value = mean * each.times / each.over
            found[name] = replace(param, value=round(value) if param.whole else _plain(value))
    return found


def scaled_rates(scaling: Scaling, params: Mapping[str, Param]) -> Mapping[str, Scalar]:
    """Return the rates that come to the middle of the wanted ratios, or as near as they may be moved.

    As written, where what they come to is wanted. Both experts are moved by the same factor, one up and one down.
    """
    least, most = (float(params[name].value) for name in scaling.wanted)
    times = 1.0 if least <= scaling.comes_to <= most else (least + most) / 2 / scaling.comes_to
    step = math.sqrt(min(max(times, 1 / MOST), MOST))
    if step == 1:
        return {**scaling.raised, **scaling.lowered}
    raised = {key: _plain(value * step) for key, value in scaling.raised.items()}
    return {**raised, **{key: _plain(value / step) for key, value in scaling.lowered.items()}}


def _plain(value: float) -> Scalar:
    """Return a number with few digits, whole where it is."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if abs(short) >= 1 and short.is_integer() else short


def resolve(operand: Scalar, params: Mapping[str, Param]) -> tuple[Scalar, str | None]:
    """Return the value, and the parameter's name if it is one.

    Raises:
        LookupError: there is no such parameter; the text says so.
    """
    if not isinstance(operand, str) or not operand.startswith("$"):
        return operand, None
    name = operand[1:]
    if name not in params:
        raise LookupError(f"there is no parameter {name}{nearest(name, params)}")
    return params[name].value, name


def override(
    params: Mapping[str, Param], overrides: Mapping[str, str], origins: Mapping[str, str] | None = None
) -> Mapping[str, Param]:
    """Return the parameters with the user's values, marked as overridden.

    Args:
        params: shared parameters by name, local ones by "rule-name.name".
        overrides: what the user set, as text.
        origins: where it was set, by name; "--set" where nothing is said.

    Raises:
        DiagnoseError: a name is no parameter, a value is not of the parameter's type or makes no sense for it, or
            a lower bound is set above its upper one; every such one is named.
    """
    changed: dict[str, Param] = dict(params)
    problems: list[str] = []
    for name, text in overrides.items():
        origin = (origins or {}).get(name, "--set")
        if name not in params:
            problems.append(f"{origin} {name}: there is no such parameter{nearest(name, params)}")
            continue
        value = _value_of(text, params[name].value)
        if value is None or not fits(params[name], value):
            like = "" if isinstance(params[name].value, bool) else f", like {format_value(params[name].value)}"
            problems.append(f"{origin} {name}={text:.80}: give {asked_for(params[name])}{like}")
            continue
        changed[name] = replace(params[name], value=value, overridden=True, replaced=params[name].value, origin=origin)
    for lower, upper, text in crossed(changed):
        set_by = dict.fromkeys(each.origin for each in (lower, upper) if each.overridden)
        problems.append(f"{' and '.join(set_by)}: {text}; set both so that the lower comes first")
    if problems:
        raise DiagnoseError("\n".join(problems))
    return changed


def _value_of(text: str, like: Scalar) -> Scalar | None:
    """The value that `text` means where `like` stood; None where it means none."""
    if isinstance(like, bool):
        return {"true": True, "false": False}.get(text.strip().lower())
    if isinstance(like, str):
        return text if text and len(text) <= MAX_TEXT and text.isprintable() else None
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) <= MAX_WHOLE else number

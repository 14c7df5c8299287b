"""`--set NAME=VALUE` or a project file: the user's own thresholds in place of ours, in the parameter's own type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Scalar
from diagnose.rulebase.bounds import asked_for, crossed, fits
from diagnose.rulebase.message import format_value
from diagnose.rulebase.names import MAX_TEXT, MAX_WHOLE
from diagnose.rulebase.reading.validation import nearest
from diagnose.rulebase.rule import Param

_TRUTHS = {"true": True, "false": False}


COMMAND_LINE = "--set"


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
        origin = (origins or {}).get(name, COMMAND_LINE)
        if name not in params:
            problems.append(f"{origin} {name}: there is no such parameter{nearest(name, params)}")
            continue
        value = _read(text, params[name].value)
        if value is None or not fits(params[name], value):
            problems.append(f"{origin} {name}={text:.80}: {_wanted(params[name])}")
            continue
        changed[name] = replace(params[name], value=value, overridden=True, replaced=params[name].value, origin=origin)
    for lower, upper, text in crossed(changed):
        set_by = dict.fromkeys(each.origin for each in (lower, upper) if each.overridden)
        problems.append(f"{' and '.join(set_by)}: {text}; set both so that the lower comes first")
    if problems:
        raise DiagnoseError("\n".join(problems))
    return changed


def _read(text: str, like: Scalar) -> Scalar | None:
    """The value that `text` means where `like` stood; None where it means none."""
    if isinstance(like, bool):
        return _TRUTHS.get(text.strip().lower())
    if isinstance(like, str):
        return text if text and len(text) <= MAX_TEXT and text.isprintable() else None
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) <= MAX_WHOLE else number


def _wanted(param: Param) -> str:
    if isinstance(param.value, bool):
        return "give true or false"
    kind = "text" if isinstance(param.value, str) else asked_for(param)
    return f"give a {kind}, like {format_value(param.value)}"

"""Numbers that follow from other numbers: parameters from parameters, and the values of a recipe from both.

Each is settled again whenever the user overrides one, so that no number has a second home.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from diagnose.core.model import Scalar
from diagnose.rulebase.rule import Follows, Param

DIGITS = 3
"""Digits of a derived rate or ratio: more would claim to know it better."""
MOST = 4.0
"""Times by which a recipe's ratio is moved at most: farther its rates would leave what is usual."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How the rates of a recipe follow a wanted ratio that they do not come to as they are written.

    Attributes:
        comes_to: the ratio high/low that the rates as written come to, by the forecast.
        wanted: the parameters that bound the wanted ratio.
        raised: the rates of the high-noise expert, as written.
        lowered: those of the low-noise one.
    """

    comes_to: float
    wanted: tuple[str, str]
    raised: Mapping[str, float]
    lowered: Mapping[str, float]


def settled(params: Mapping[str, Param]) -> Mapping[str, Param]:
    """Return the parameters, those that follow from others worked out, but for the ones that the user set."""
    return {
        name: replace(param, value=_followed(param.follows, params, whole=param.whole))
        if param.follows is not None and not param.overridden
        else param
        for name, param in params.items()
    }


def _followed(follows: Follows, params: Mapping[str, Param], *, whole: bool) -> Scalar:
    value = fmean(float(params[name].value) for name in follows.names) * follows.times / follows.over
    return round(value) if whole else _plain(value)


def scaled(scaling: Scaling, params: Mapping[str, Param]) -> Mapping[str, Scalar]:
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

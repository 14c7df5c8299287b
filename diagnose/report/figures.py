"""Numbers as the field writes them. The only arithmetic here is rounding for the eye.

Learning rates 1.48e-4, weight magnitudes 0.005605, ratios 1.35, losses 0.0755, growth +5.4 %. What is not
known is said in words, never printed as None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial

from diagnose.core.values import Notation, Scalar
from diagnose.report.spans import plain

UNKNOWN = "unknown"
NOT_LOGGED = "not logged"
ABSENT = "absent"
NOT_FINITE = "not a finite number"

_SMALL = 1e-3
_FOUR_DIGITS = 1e4
_LARGE = 1e6


class Kind(Enum):
    """What a number measures, which decides how it is written."""

    RATE = "learning rate"
    MAGNITUDE = "weight magnitude or norm"
    RATIO = "ratio high/low"
    GROWTH = "growth as a fraction"
    PERCENT = "signed percentage"
    CHANGE = "signed change in the unit of what changes"
    SHARE = "share of a whole, as a fraction"
    LOSS = "loss"
    STABILITY = "gradient stability"
    COUNT = "count"
    OTHER = "anything else"


_DECIMALS = {Kind.RATIO: 2, Kind.LOSS: 4, Kind.STABILITY: 3, Kind.COUNT: 0}

_KIND_OF_NOTATION = {
    Notation.RATE: Kind.RATE,
    Notation.MAGNITUDE: Kind.MAGNITUDE,
    Notation.RATIO: Kind.RATIO,
    Notation.LOSS: Kind.LOSS,
    Notation.SHARE: Kind.SHARE,
}


def finite(value: float) -> bool:
    """Whether `value` is a number that a double can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def figure(value: float | None, kind: Kind, unknown: str = UNKNOWN) -> str:
    """Write a number of a known kind; `unknown` where there is none."""
    if value is None:
        return unknown
    if not finite(value):
        return NOT_FINITE
    return _write(value, kind)


def between(ends: tuple[float, float], kind: Kind) -> str:
    """Write a range: 3 to 5."""
    return " to ".join(figure(end, kind) for end in ends)


def measured(value: Scalar | None, notation: Notation, unit: str = "") -> str:
    """Write a fact's value with its unit in the declared notation; without a unit the number alone."""
    if value is None or isinstance(value, bool | str) or not finite(value):
        return _in_words(value, UNKNOWN, "no", "yes")
    if unit and notation is Notation.PERCENT:
        return f"{value:+.1f} {plain(unit)}"
    if unit and notation is Notation.TIMES:
        return f"{_write(value, Kind.RATIO)} times"
    kind = _KIND_OF_NOTATION.get(notation, Kind.OTHER)
    return f"{_write(value, kind)} {plain(unit)}".rstrip()


def exact(value: Scalar | None) -> str:
    """Write a setting as a config holds it: nothing rounded, small numbers as 2e-5."""
    if value is None or isinstance(value, bool | str) or not finite(value):
        return _in_words(value, ABSENT, "false", "true")
    if value == 0 or _SMALL <= abs(value) < _LARGE or isinstance(value, int):
        return repr(value).removesuffix(".0")
    shortest = (f"{value:.{digits}e}" for digits in range(17))
    return _tidy(next(text for text in shortest if float(text) == value))


def counted(count: int, one: str, many: str) -> str:
    """Write a number of things: 1 rule, 2 rules."""
    return f"{count} {one if count == 1 else many}"


def _in_words(value: Scalar | None, none: str, no: str, yes: str) -> str:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, bool):
        return yes if value else no
    return none if value is None else NOT_FINITE


def _write(value: float, kind: Kind) -> str:
    if kind in _OWN_WAY:
        return _OWN_WAY[kind](value)
    if isinstance(value, int):
        return str(value)
    if kind is Kind.RATE:
        return exact(float(f"{value:.2e}"))
    if kind is Kind.MAGNITUDE:
        return _tidy(f"{value:#.4g}").rstrip(".")
    if kind is Kind.OTHER:
        return f"{value:.0f}" if _FOUR_DIGITS <= abs(value) < _LARGE else _tidy(f"{value:.4g}")
    rounded = f"{value:.{_DECIMALS[kind]}f}"
    return _tidy(f"{value:.2e}") if value and not float(rounded) else rounded


def _percent(fraction: float, form: str) -> str:
    return f"{fraction:{form}}".replace("%", " %")


def _change(value: float) -> str:
    """Write a signed change with two significant digits."""
    return _tidy(f"{value:+.1e}") if value and abs(value) < _SMALL else f"{value:+#.2g}".removesuffix(".")


_OWN_WAY: Mapping[Kind, Callable[[float], str]] = {
    Kind.GROWTH: partial(_percent, form="+.1%"),
    Kind.SHARE: partial(_percent, form=".0%"),
    Kind.PERCENT: "{:+.2f} %".format,
    Kind.CHANGE: _change,
}


def _tidy(scientific: str) -> str:
    """Drop the padding of the exponent: 1.48e-04 to 1.48e-4."""
    return re.sub(r"e([+-])0*(\d)", lambda match: f"e{match[1].replace('+', '')}{match[2]}", scientific)

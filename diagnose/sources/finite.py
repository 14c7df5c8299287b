"""The one test of whether a value read from a file is a number that can be counted with."""

from __future__ import annotations

import math


def finite(value: object) -> float | None:
    """Return the value as a float, or None when it is no number (a truth value is none), NaN or infinite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


GREATEST = 1e150
"""No loss and no rate comes near; sums of smaller numbers and of their squares stay within float64."""


def logged_number(value: object) -> float | None:
    """Return a value of a log as a float, or None when it is no number or too large."""
    number = finite(value)
    return number if number is not None and abs(number) <= GREATEST else None

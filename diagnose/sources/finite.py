"""The one test of whether a value read from a file is a number to reckon with."""

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

"""How a number is written so that every YAML and JSON reader takes it for the number it is."""

from __future__ import annotations

import math
from decimal import Decimal

SMALL = 1e-3
LARGE = 1e16


def spell(number: float) -> str:
    """Return a spelling of a finite number, rates the way people write them: 2.0e-5, not 2e-05 or 0.00002.

    YAML 1.1 takes an exponent for a number only behind a decimal point and with a sign.
    """
    if isinstance(number, int) or not math.isfinite(number) or SMALL <= abs(number) < LARGE or number == 0:
        return repr(number)
    sign, digits, shift = Decimal(repr(number)).normalize().as_tuple()
    first, *rest = (str(digit) for digit in digits)
    exponent = int(shift) + len(rest)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}e{exponent:+d}"

"""Columns of values: a number takes eight bytes and is no object; NaN is no value."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import compress
from math import nan
from typing import TypeAlias, TypeVar

T = TypeVar("T", int, float)
Positions: TypeAlias = "range | array[int]"
"""Which values of a column, in their order."""


def taken(column: array[T], at: Positions) -> array[T]:
    """Return the values at some positions of a column: the column itself where those are all."""
    if isinstance(at, range):
        return column if len(at) == len(column) else column[at.start : at.stop]
    found = column[:0]
    found.extend([column[each] for each in at])
    return found


def picked(at: Positions, flags: Iterable[object]) -> Positions:
    """Return the positions whose flag is true: a range where they are in a row."""
    found = array("q", compress(at, flags))
    if found and found[-1] - found[0] + 1 == len(found):
        return range(found[0], found[-1] + 1)
    return found


def unknown(count: int) -> array[float]:
    """Return a column without a value."""
    return array("d", (nan,)) * count


def there(column: Iterable[float]) -> list[bool]:
    """Return for each value of a column whether there is one."""
    return [value == value for value in column]  # noqa: PLR0124 - NaN alone differs from itself


def known(column: Iterable[float]) -> list[float]:
    """Return the values of a column that are there."""
    return [value for value in column if value == value]  # noqa: PLR0124 - as above

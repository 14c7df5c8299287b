"""What edits are to come to, said of the data alone: the yardstick for the edited text."""

from __future__ import annotations

import math
from typing import Any

from diagnose.core.model import Scalar
from diagnose.sources.config.dotted import MISSING, Step, look_up


def set_value(data: Any, steps: tuple[Step, ...], value: Scalar | None) -> None:  # noqa: ANN401 (a config)
    """Set a value in place; missing and null parents become mappings. The path must be one that fits the data."""
    *parents, last = steps
    for step in parents:
        if look_up(data, (step,)) in (MISSING, None):
            data[step] = {}
        data = data[step]
    data[last] = value


def remove_key(data: Any, steps: tuple[Step, ...]) -> None:  # noqa: ANN401 (a config holds anything)
    """Remove a key in place; nothing happens where it or a parent is absent."""
    *parents, last = steps
    holder = look_up(data, tuple(parents))
    if isinstance(holder, dict):
        holder.pop(last, None)


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 (a config holds anything)
    """Return whether two data are equal, type by type: 1, 1.0 and true are three different settings."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (isinstance(one, float) and math.isnan(one) and math.isnan(other))

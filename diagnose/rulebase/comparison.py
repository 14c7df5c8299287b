"""What a test of a rule means: when one value passes it, and how it reads.

An int and a float are the same number. A truth value is no number, and values of different kinds are never equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import TypeGuard

from diagnose.core.values import Scalar
from diagnose.rulebase.message import format_value
from diagnose.rulebase.rule import Op, Reference, Test

ORDERED: Mapping[Op, Callable[[float, float], bool]] = {Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge}
"""The operators that hold between numbers only."""


SIGNS = {Op.IS: "is", Op.IS_NOT: "is not", Op.IN: "is one of", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


def told(test: Test, limit: Scalar | tuple[Scalar, ...] | None = None) -> str:
    """Return a test in words: `< 0.004 (high_magnitude_min)`. `limit`: the value of what it refers to, if it does."""
    shown, source = test.operand, test.param
    if isinstance(shown, Reference):
        source = f"{shown.alias} x {shown.times:g}" if shown.times != 1 else shown.alias
        if limit is None:
            return f"{SIGNS[test.op]} {source}"
        shown = limit
    members = shown if isinstance(shown, tuple) else (shown,)
    sign = "is" if test.op is Op.IN and len(members) == 1 else SIGNS[test.op]
    return f"{sign} {', '.join(map(format_value, members))}{f' ({source})' if source is not None else ''}"


def literals(test: Test) -> tuple[Scalar, ...]:
    """Return the values a test names itself: one, a list's members, or none for a reference."""
    if isinstance(test.operand, tuple):
        return test.operand
    return () if isinstance(test.operand, Reference) else (test.operand,)


def passes(test: Test, value: Scalar | None, values: Mapping[str, Scalar | None]) -> bool:
    """Return whether `value` passes one test; `values` has what the test's Reference may name, by alias."""
    operand = test.operand
    if isinstance(operand, tuple):
        return any(same(value, member) for member in operand)
    other = scaled(values[operand.alias], operand.times) if isinstance(operand, Reference) else operand
    if test.op in ORDERED:
        return is_number(value) and is_number(other) and ORDERED[test.op](value, other)
    return same(value, other) is (test.op is not Op.IS_NOT)


def same(left: Scalar | None, right: Scalar | None) -> bool:
    """Return whether two values are equal: as numbers, as text, or as truth values."""
    return left is not None and left == right and isinstance(left, bool) is isinstance(right, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a number; a truth value is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def scaled(value: Scalar | None, times: float) -> Scalar | None:
    """Return `value` times a constant, a double; None for a product of what is not a number."""
    if times == 1:
        return value
    if not is_number(value):
        return None
    try:
        return float(value) * times
    except OverflowError:  # an int beyond the doubles
        return (math.inf if value > 0 else -math.inf) * times

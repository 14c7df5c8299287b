"""The figures of a module's update, scale * up @ down, drawn from its singular values. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, isfinite, log
from typing import NamedTuple

GAP_LIMIT = 1e5
"""A second singular value this far below the first is rounding (see FLOOR in `diagnose.weights.factors`)."""


class UpdateFigures(NamedTuple):
    """As `diagnose.weights.measurement.ModuleMeasurement` defines them."""

    norm: float | None
    spectral_norm: float | None
    stable_rank: float | None = None
    effective_rank: float | None = None
    spectral_gap: float | None = None


def update_figures(singular_values: Sequence[float] | None, scale: float | None) -> UpdateFigures:
    """Return the figures of an update.

    Args:
        singular_values: of up @ down, descending, at least one; None if not every number was finite.
        scale: alpha / rank; None if that is not finite.
    """
    if singular_values is None or scale is None:
        return UpdateFigures(None, None)
    norm, first = abs(scale) * hypot(*singular_values), abs(scale) * singular_values[0]
    if not isfinite(norm):
        return UpdateFigures(None, None)
    if not first:
        return UpdateFigures(0.0, 0.0)
    total = sum(singular_values)
    shares = [value / total for value in singular_values]
    second = singular_values[1] if len(singular_values) > 1 else 0.0
    return UpdateFigures(
        norm=norm,
        spectral_norm=first,
        stable_rank=(norm / first) ** 2,
        effective_rank=exp(-sum(share * log(share) for share in shares if share)),
        spectral_gap=singular_values[0] / second if second * GAP_LIMIT > singular_values[0] else None,
    )

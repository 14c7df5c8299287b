"""How often successive updates had the same sign, as the fork logs it (`gradient_stability`)."""

from __future__ import annotations

from statistics import fmean

from diagnose.facts.log.series import Series
from diagnose.sources.log_readings import LogRow


def stability_rows(rows: tuple[LogRow, ...]) -> tuple[LogRow, ...]:
    """Return the rows whose stability is their own.

    On the first step of a block the fork has no new value and repeats the other expert's last one.
    """
    kept = []
    for before, row in zip((None, *rows), rows, strict=False):
        switched = before is not None and before.expert != row.expert
        repeated = before is not None and before.gradient_stability == row.gradient_stability
        if row.gradient_stability is not None and not (switched and repeated):
            kept.append(row)
    return tuple(kept)


def mean_agreement(series: Series, expert: str | None = None) -> float | None:
    """Return the mean stability over an expert's own rows, or over both experts'; None where none is logged."""
    own = [row for row in stability_rows(series.rows) if expert in (None, row.expert)]
    values = [row.gradient_stability for row in own if row.gradient_stability is not None]
    return fmean(values) if values else None

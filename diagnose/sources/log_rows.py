"""Turn the rows a log reader gathered into what a LogReading promises: ordered, one per step, experts named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import replace

from diagnose.core.errors import DiagnoseError
from diagnose.sources.experts import infer_experts
from diagnose.sources.finite import finite
from diagnose.sources.readings import LogRow

MOST_ROWS = 1_000_000
"""Rows held of one log, some 400 MB; the longest runs of the field stay under 100,000 steps."""
MOST_STEPS = 10**9
"""No step number reaches this: file names have nine digits for it."""


GREATEST = 1e150
"""No loss and no rate comes near; sums of smaller numbers and of their squares stay within float64."""


def logged_number(value: object) -> float | None:
    """Return a value of a log as a float, or None when it is no number to reckon with."""
    number = finite(value)
    return number if number is not None and abs(number) <= GREATEST else None


def finish_rows(rows: Mapping[int, LogRow]) -> tuple[LogRow, ...]:
    """Order the rows by step, blank the rates of an expert that has not stepped yet, and infer experts."""
    return infer_experts(_blank_unstepped([rows[step] for step in sorted(rows)]))


def check_room(rows: Sized, file: str) -> None:
    """Refuse to hold more rows than `MOST_ROWS`.

    Raises:
        DiagnoseError: the log has more steps than that.
    """
    if len(rows) > MOST_ROWS:
        raise DiagnoseError(f"{file}: more than {MOST_ROWS:,} steps; give a log of one run")


def _blank_unstepped(rows: Sequence[LogRow]) -> list[LogRow]:
    """Replace 0.0, which the trainer writes for "none yet", by None up to the first step of that expert."""
    high = low = False
    blanked = []
    for row in rows:
        high, low = high or bool(row.lr_high), low or bool(row.lr_low)
        lr_high = row.lr_high if high else None
        lr_low = row.lr_low if low else None
        same = lr_high is row.lr_high and lr_low is row.lr_low
        blanked.append(row if same else replace(row, lr_high=lr_high, lr_low=lr_low))
    return blanked

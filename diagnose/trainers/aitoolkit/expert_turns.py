"""Which expert each logged step trained: as logged, else concluded, with a mark of how.

First from the rates: the expert that pauses keeps its rate to the last digit, so a rate that moved alone names the
expert. Then from the cadence: both trainers start with the high-noise expert and change over every
`switch_boundary_every` steps, so a single block length that explains every row known so far names the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_readings import ExpertSource, LogRow


def finish_rows(rows: Mapping[int, LogRow]) -> tuple[LogRow, ...]:
    """Order the rows by step, blank the rates of an expert that has not stepped yet, and infer experts."""
    return infer_experts(_blank_unstepped([rows[step] for step in sorted(rows)]))


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


LONGEST_BLOCK = 100_000
"""Steps; a log whose first low-noise row comes later than that tells nothing of the cadence."""


def infer_experts(rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
    """Return the rows, in order of step, with `expert` filled in where it follows from rates or cadence."""
    rated = [
        row if row.expert is not None else _named(row, _moved(before, row), ExpertSource.RATE)
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    if all(row.expert is not None for row in rated):
        return tuple(rated)
    length = _block_length([(row.step, row.expert) for row in rated if row.expert is not None])
    if length is None:
        return tuple(rated)
    return tuple(
        row if row.expert is not None else _named(row, _scheduled(row.step, length), ExpertSource.CADENCE)
        for row in rated
    )


def _named(row: LogRow, expert: Expert | None, source: ExpertSource) -> LogRow:
    return row if expert is None else replace(row, expert=expert, expert_source=source)


def _moved(before: LogRow | None, row: LogRow) -> Expert | None:
    """Name the only expert that has a rate yet, or the only one whose rate changed since the step before."""
    if row.lr_high is None:
        return None if row.lr_low is None else Expert.LOW
    if row.lr_low is None:
        return Expert.HIGH
    if before is None or before.step != row.step - 1:
        return None
    high, low = row.lr_high != before.lr_high, row.lr_low != before.lr_low
    if high == low:
        return None
    return Expert.HIGH if high else Expert.LOW


def _scheduled(step: int, length: int) -> Expert:
    return Expert.HIGH if step // length % 2 == 0 else Expert.LOW


def _block_length(known: Sequence[tuple[int, Expert]]) -> int | None:
    """Return the one number of steps per block that explains every known row; None if none does, or several do."""
    steps = [step for step, _ in known]
    first_low = next((step for step, expert in known if expert is Expert.LOW), 0)
    if first_low > LONGEST_BLOCK:
        return None
    fitting = (
        length
        for length in range(1, first_low + 1)
        # Every row before the first low one is high, so the first block needs no look.
        if all(
            known[index][1] is _scheduled(steps[index], length)
            for index in range(bisect_left(steps, length), len(steps))
        )
    )
    found = list(islice(fitting, 2))
    return found[0] if len(found) == 1 else None

"""Which expert each logged step trained: as logged, else concluded, with a mark of how.

First from the rates: the expert that pauses keeps its rate to the last digit, so a rate that moved alone names the
expert. Then from the cadence: both trainers start with the high-noise expert and change over every
`switch_boundary_every` steps, so a single block length that explains every row known so far names the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.log_readings import ExpertSource, LogRow

HIGH, LOW = (expert.value for expert in Expert)
LONGEST_BLOCK = 100_000
"""Steps; a log whose first low-noise row comes later than that tells nothing of the cadence."""


def finish_rows(rows: Mapping[int, LogRow]) -> tuple[LogRow, ...]:
    """Order the rows by step, drop the 0.0 that stands for an expert's rate before its first step, infer experts."""
    stepped: set[str] = set()
    told = []
    for step in sorted(rows):
        row = rows[step]
        stepped.update(expert for expert, rate in row.rates.items() if rate)
        if not stepped.issuperset(row.rates):
            row = replace(row, rates={expert: rate for expert, rate in row.rates.items() if expert in stepped})
        told.append(row)
    return infer_experts(told)


def infer_experts(rows: Sequence[LogRow]) -> tuple[LogRow, ...]:
    """Return the rows, in order of step, with `expert` filled in where it follows from rates or cadence."""
    rated = [
        row if row.expert is not None else _named(row, _moved(before, row), ExpertSource.RATE)
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    known = [(row.step, row.expert) for row in rated if row.expert is not None]
    length = _block_length(known) if len(known) < len(rated) else None
    if length is None:
        return tuple(rated)
    return tuple(
        row if row.expert is not None else _named(row, _scheduled(row.step, length), ExpertSource.CADENCE)
        for row in rated
    )


def _named(row: LogRow, expert: str | None, source: ExpertSource) -> LogRow:
    return row if expert is None else replace(row, expert=expert, expert_source=source)


def _moved(before: LogRow | None, row: LogRow) -> str | None:
    """Name the only expert that has a rate yet, or the only one whose rate changed since the step before."""
    if len(row.rates) <= 1:
        return next(iter(row.rates), None)
    if before is None or before.step != row.step - 1:
        return None
    moved = [expert for expert, rate in row.rates.items() if rate != before.rates.get(expert)]
    return moved[0] if len(moved) == 1 else None


def _scheduled(step: int, length: int) -> str:
    return HIGH if step // length % 2 == 0 else LOW


def _block_length(known: Sequence[tuple[int, str]]) -> int | None:
    """Return the one number of steps per block that explains every known row; None if none does, or several do."""
    steps = [step for step, _ in known]
    first_low = next((step for step, expert in known if expert == LOW), 0)
    if first_low > LONGEST_BLOCK:
        return None
    fitting = (
        length
        for length in range(1, first_low + 1)
        # Every row before the first low one is high, so the first block needs no look.
        if all(
            known[index][1] == _scheduled(steps[index], length)
            for index in range(bisect_left(steps, length), len(steps))
        )
    )
    found = list(islice(fitting, 2))
    return found[0] if len(found) == 1 else None

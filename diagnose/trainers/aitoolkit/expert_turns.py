"""Which expert each logged step trained: as logged, else concluded, with a mark of how.

First from the rates: the expert that pauses keeps its rate to the last digit, so a rate that moved alone names the
expert. Then from the cadence: both trainers start with the high-noise expert and change over every
`switch_boundary_every` steps, so a single block length that explains every row known so far names the rest.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import compress, islice
from math import nan

from diagnose.domains.wan22.experts import Expert
from diagnose.sources.columns import unknown
from diagnose.sources.log_rows import ExpertSource, LogRows

HIGH, LOW = (expert.value for expert in Expert)
LONGEST_BLOCK = 100_000
"""Steps; a log whose first low-noise row comes later than that tells nothing of the cadence."""


def finish_rows(rows: LogRows) -> LogRows:
    """Drop the 0.0 that stands for an expert's rate before its first step, and infer experts."""
    rates = {}
    for expert in rows.rated:
        own = rows.rate(expert)
        first = next((at for at, rate in enumerate(own) if rate and rate == rate), len(own))  # noqa: PLR0124 - no NaN
        if first < len(own):
            rates[expert] = unknown(first) + own[first:] if first else own
    return infer_experts(rows.renewed(rates=rates))


def infer_experts(rows: LogRows) -> LogRows:
    """Return the rows with their expert filled in where it follows from rates or cadence."""
    experts = rows.words("expert")
    if None not in experts:
        return rows
    sources = rows.words("expert_source")
    for at, expert in enumerate(_moved(rows)):
        if experts[at] is None and expert is not None:
            experts[at], sources[at] = expert, ExpertSource.RATE
    known = array("q", compress(rows.steps, experts))
    length = _block_length(known, list(filter(None, experts))) if len(known) < len(rows) else None
    if length is not None:
        for at, step in enumerate(rows.steps):
            if experts[at] is None:
                experts[at], sources[at] = _scheduled(step, length), ExpertSource.CADENCE
    return rows.renewed(words={"expert": experts, "expert_source": sources})


def _moved(rows: LogRows) -> Iterator[str | None]:
    """Yield for each row the only expert with a rate yet, or the one whose rate alone moved since the step before."""
    names = rows.rated
    earlier, before = -1, [nan] * len(names)
    for step, *rates in zip(rows.steps, *map(rows.rate, names), strict=True):
        found = [name for name, rate in zip(names, rates, strict=True) if rate == rate]  # noqa: PLR0124 - NaN is none
        if len(found) > 1:
            new = [rate != last for rate, last in zip(rates, before, strict=True)] if step == earlier + 1 else []
            found = [name for name in compress(names, new) if name in found]
        yield found[0] if len(found) == 1 else None
        earlier, before = step, rates


def _scheduled(step: int, length: int) -> str:
    return HIGH if step // length % 2 == 0 else LOW


def _block_length(steps: Sequence[int], experts: Sequence[str]) -> int | None:
    """Return the one number of steps per block that explains every known row; None if none does, or several do."""
    if not steps or LOW not in experts:
        return None
    first_low = steps[experts.index(LOW)]
    if first_low > LONGEST_BLOCK:
        return None
    fitting = (
        length
        for length in range(1, first_low + 1)
        # Every row before the first low one is high, so the first block needs no look.
        if all(
            experts[index] == _scheduled(steps[index], length)
            for index in range(bisect_left(steps, length), len(steps))
        )
    )
    found = list(islice(fitting, 2))
    return found[0] if len(found) == 1 else None

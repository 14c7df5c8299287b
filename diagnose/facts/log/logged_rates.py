"""Learning rates as the log shows them, and their ratio high over low."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from statistics import median

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import Recorder
from diagnose.sources.log_readings import LogReading, LogRow

FROZEN_STEPS = 15
"""Own steps of an expert after which a rate that never moved counts as frozen."""
FROZEN_SPAN = 0.005
"""Span of a rate over its least value up to which it stands still: 8-bit storage alone moves it by a tenth of it."""
PINNED = 0.98
"""A rate above this share of its ceiling sits at the ceiling, and does not move for that reason."""


class Ratio(Struct, frozen=True):
    """Ratio high/low of the learning rates where both experts have stepped."""

    last: float
    median: float
    first_row: LogRow
    last_row: LogRow
    samples: int


def own_rates(series: Series, expert: Expert) -> list[tuple[LogRow, float]]:
    """Return the expert's rows that have its learning rate, each with it: the shared one where a row has no other."""
    rated = ((row, row.rates.get(expert, row.lr_shared)) for row in series.own(expert))
    return [(row, rate) for row, rate in rated if rate is not None]


def rates_at(series: Series, step: int) -> Mapping[str, float]:
    """Return the rate of each expert in the last row up to a step, by the expert's name; nothing before the first."""
    at = bisect_right([row.step for row in series.rows], step) - 1
    return series.rows[at].rates if at >= 0 else {}


def ratio_of(rates: Mapping[str, float | None]) -> float | None:
    """Return the ratio high over low of the experts' rates; None unless both are known and none is zero."""
    high, low = rates.get(Expert.HIGH), rates.get(Expert.LOW)
    return high / low if high and low else None


def tells_rates_exactly(log: LogReading) -> bool:
    """Whether a log has each expert's rate to the last digit, so that settings can be held against it."""
    return log.abilities.per_expert_rates is True and log.abilities.exact


def observed_ratio(series: Series) -> Ratio | None:
    """Return the ratio over the second half of the rows that have both rates, or None.

    A single rate that the fork logs for a non-adaptive optimizer serves both experts: ratio 1. Upstream's single
    rate is a mean over both experts and says nothing about either.
    """
    seen = {row.expert for row in series.rows}
    shared_is_both = series.log.abilities.per_expert_rates is True and seen >= set(Expert)
    pairs: list[tuple[LogRow, float]] = []
    for row in series.rows:
        ratio = ratio_of(row.rates)
        if ratio is not None:
            pairs.append((row, ratio))
        elif row.lr_shared and not row.rates and shared_is_both:
            pairs.append((row, 1.0))
    if not pairs:
        return None
    late = pairs[len(pairs) // 2 :]
    return Ratio(pairs[-1][1], median(ratio for _, ratio in late), late[0][0], pairs[-1][0], len(late))


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.lr_*`.

    Whether rates move is asked of the rows since the last start alone, as earlier starts may have had other settings.
    """
    series, latest = evidence.series, evidence.latest
    if series is None or latest is None:
        return
    known = evidence.rates.bounds if evidence.rates is not None else {}
    bounds = {expert: (known[expert, "min"], known[expert, "max"]) for expert in Expert if known}
    shared = [(row, row.lr_shared) for row in series.rows if row.lr_shared is not None]
    if shared:
        row, last = shared[-1]
        record.known("log.lr_shared_last", last, places=[series.place(row)])
    if series.log.abilities.per_expert_rates is False:
        moves = [_moves([row.lr_shared for row in latest.rows if row.lr_shared is not None], None)]
    else:
        for expert in Expert:
            _record_expert(series, expert, bounds.get(expert), record)
        moves = [_moves([value for _, value in own_rates(latest, expert)], bounds.get(expert)) for expert in Expert]
    seen = [each for each in moves if each is not None]
    if seen:
        places = [latest.place(latest.rows[0]), latest.place(latest.rows[-1])]
        record.known("log.lr_frozen", not any(seen), places=places, samples=len(latest.rows))


def _record_expert(series: Series, expert: Expert, bounds: tuple[float, float] | None, record: Recorder) -> None:
    own = own_rates(series, expert)
    if not own:
        return
    for name, (row, value) in (("first", own[0]), ("last", own[-1])):
        record.known(f"log.lr_{name}", value, subject=expert.value, places=[series.place(row)])
    row, last = own[-1]
    for name, bound in zip(("log.lr_at_floor", "log.lr_at_ceiling"), bounds or (), strict=False):
        if bound > 0:
            record.known(name, last / bound, subject=expert.value, places=[series.place(row)])


def _moves(values: Sequence[float], bounds: tuple[float, float] | None) -> bool | None:
    """Return whether the rates move, None where too few steps tell."""
    if len(values) < FROZEN_STEPS:
        return None
    at_ceiling = bounds is not None and values[-1] >= PINNED * bounds[1]
    return max(values) - min(values) > FROZEN_SPAN * min(values) or at_ceiling

"""Learning rates as the log shows them, and their ratio high over low."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import nan
from operator import and_, not_
from statistics import median

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.log.series import Series
from diagnose.facts.recorder import Recorder
from diagnose.sources.columns import known, there
from diagnose.sources.log_readings import LogReading
from diagnose.sources.log_rows import LogRow, LogRows

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


class OwnRates(Struct, frozen=True):
    """The rows that have an expert's learning rate, and the rate of each."""

    rows: LogRows
    rates: Sequence[float]

    @property
    def moving(self) -> OwnRates:
        """Those that are not zero."""
        return OwnRates(self.rows.where(self.rates), list(filter(None, self.rates)))


def rates_of(rows: LogRows, expert: str) -> array[float]:
    """Return the learning rate of an expert in each row: the shared one where a row has no other, NaN for none."""
    own, shared = rows.rate(expert), rows.numbers("lr_shared")
    pairs = zip(own, shared, strict=True)
    return array("d", [rate if rate == rate else other for rate, other in pairs])  # noqa: PLR0124 - NaN is none


def own_rates(series: Series, expert: Expert) -> OwnRates:
    """Return the expert's rows that have its learning rate."""
    rows = series.own(expert)
    rates = rates_of(rows, expert)
    return OwnRates(rows.where(there(rates)), known(rates))


def rates_at(series: Series, step: int) -> Mapping[str, float]:
    """Return the rate of each expert in the last row up to a step, by the expert's name; nothing before the first."""
    at = bisect_right(series.rows.steps, step) - 1
    return series.rows[at].rates if at >= 0 else {}


def ratio_of(rates: Mapping[str, float | None]) -> float | None:
    """Return the ratio high over low of the experts' rates; None unless both are known and none is zero."""
    high, low = rates.get(Expert.HIGH), rates.get(Expert.LOW)
    return high / low if high and low else None


def ratios(rows: LogRows) -> array[float]:
    """Return the ratio of the experts' rates in each row, NaN where a rate is not known or zero."""
    rates = zip(*(rows.rate(expert) for expert in (Expert.HIGH, Expert.LOW)), strict=True)
    return array("d", [high / low if high and low else nan for high, low in rates])


def tells_rates_exactly(log: LogReading) -> bool:
    """Whether a log has each expert's rate to the last digit, so that settings can be held against it."""
    return log.abilities.per_expert_rates is True and log.abilities.exact


def observed_ratio(series: Series) -> Ratio | None:
    """Return the ratio over the second half of the rows that have both rates, or None.

    A single rate that the fork logs for a non-adaptive optimizer serves both experts: ratio 1. Upstream's single
    rate is a mean over both experts and says nothing about either.
    """
    rows, found = series.rows, ratios(series.rows)
    if series.log.abilities.per_expert_rates is True and series.experts >= set(Expert):
        bare = [True] * len(rows)
        for expert in rows.rated:
            bare = list(map(and_, bare, map(not_, there(rows.rate(expert)))))
        shared = zip(found, bare, rows.numbers("lr_shared"), strict=True)
        found = array("d", [1.0 if alone and abs(rate) > 0 else ratio for ratio, alone, rate in shared])
    rows, seen = rows.where(there(found)), known(found)
    if not rows:
        return None
    late = seen[len(seen) // 2 :]
    return Ratio(seen[-1], median(late), rows[len(rows) // 2], rows[-1], len(late))


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record the facts `log.lr_*`.

    Whether rates move is asked of the rows since the last start alone, as earlier starts may have had other settings.
    """
    series, latest = evidence.series, evidence.latest
    if series is None or latest is None:
        return
    limits = evidence.rates.bounds if evidence.rates is not None else {}
    bounds = {expert: (limits[expert, "min"], limits[expert, "max"]) for expert in Expert if limits}
    shared = series.rows.where(there(series.rows.numbers("lr_shared")))
    if shared:
        record.known("log.lr_shared_last", shared.numbers("lr_shared")[-1], places=[series.place(shared[-1])])
    if series.log.abilities.per_expert_rates is False:
        moves = [_moves(known(latest.rows.numbers("lr_shared")), None)]
    else:
        for expert in Expert:
            _record_expert(series, expert, bounds.get(expert), record)
        moves = [_moves(own_rates(latest, expert).rates, bounds.get(expert)) for expert in Expert]
    seen = [each for each in moves if each is not None]
    if seen:
        places = [latest.place(latest.rows[0]), latest.place(latest.rows[-1])]
        record.known("log.lr_frozen", not any(seen), places=places, samples=len(latest.rows))


def _record_expert(series: Series, expert: Expert, bounds: tuple[float, float] | None, record: Recorder) -> None:
    own = own_rates(series, expert)
    if not own.rows:
        return
    for name, at in (("first", 0), ("last", -1)):
        record.known(f"log.lr_{name}", own.rates[at], subject=expert.value, places=[series.place(own.rows[at])])
    row, last = own.rows[-1], own.rates[-1]
    for name, bound in zip(("log.lr_at_floor", "log.lr_at_ceiling"), bounds or (), strict=False):
        if bound > 0:
            record.known(name, last / bound, subject=expert.value, places=[series.place(row)])


def _moves(values: Sequence[float], bounds: tuple[float, float] | None) -> bool | None:
    """Return whether the rates move, None where too few steps tell."""
    if len(values) < FROZEN_STEPS:
        return None
    at_ceiling = bounds is not None and values[-1] >= PINNED * bounds[1]
    return max(values) - min(values) > FROZEN_SPAN * min(values) or at_ceiling

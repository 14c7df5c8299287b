"""The logged learning-rate ratio beside the forecast for the logged agreement."""

from __future__ import annotations

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.gaps.resume import trusted_rows
from diagnose.facts.log.rates import both_rates, tells_rates_exactly
from diagnose.facts.outlook.automagic import outgrows_storage
from diagnose.facts.outlook.forecast import ForecastPoint, forecast, walk_of
from diagnose.facts.record import Recorder
from diagnose.trainers.aitoolkit.expert_rates import EffectiveRates


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record how far the last logged ratio is outside the band of the forecast, 1 within it.

    Nothing is recorded where the forecast is known to fail: without a logged agreement, where the log does not begin
    with the run, and where 8-bit storage cannot follow the rates.
    """
    series, rates = trusted_rows(evidence, record), evidence.rates
    if series is None or not tells_rates_exactly(series.log) or rates is None:
        return
    both = [(row, pair[0] / pair[1]) for row in series.rows if (pair := both_rates(row))]
    agreement = record.number("log.gradient_stability")
    if not both or agreement is None or series.rows[0].step != 0:
        return
    row, ratio = both[-1]
    point = _forecast(evidence, rates, agreement, row.step + 1)
    if point is None:
        return
    low, high = point.band
    note = f"logged {ratio:.2f}; the forecast for an agreement of {agreement:.3f} is {low:.2f} to {high:.2f}"
    record.known("due.lr_ratio", point.lr_ratio, places=rates.places)
    outside = ratio / min(max(ratio, low), high)
    record.known("gap.lr_ratio", outside, places=[series.place(row)], samples=len(both), note=note)


def _forecast(evidence: Evidence, rates: EffectiveRates, agreement: float, steps: int) -> ForecastPoint | None:
    """Return the forecast after so many steps, None where there is none or it is not to be trusted."""
    config, model, cadence = evidence.config, evidence.model, evidence.cadence
    if config is None or model is None or cadence is None:
        return None
    found = forecast(config, rates, model, agreement, steps)
    if found is None or found.points[-1].step != steps:
        return None
    (moves,) = cadence.moves([steps])
    walks = [(walk_of(config, rates, expert), moves[expert]) for expert in Expert]
    outgrown = any(walk is not None and outgrows_storage(walk, agreement, count) for walk, count in walks)
    return None if outgrown else found.points[-1]

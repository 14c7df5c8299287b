"""Learning rates and their ratio as logged, beside those that the settings in effect allow."""

from __future__ import annotations

import math
from itertools import pairwise
from operator import or_

from diagnose.core.values import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.evidence import Evidence
from diagnose.facts.gaps.resume import trusted_rows
from diagnose.facts.log.logged_rates import OwnRates, own_rates, ratios, tells_rates_exactly
from diagnose.facts.log.series import Series
from diagnose.facts.outlook.automagic import CHANCE, LEVELS, WalkSettings, outgrows_storage
from diagnose.facts.outlook.expectation import FIXED_RATE, is_constant
from diagnose.facts.outlook.forecast import ForecastPoint, forecast, walk_of
from diagnose.facts.recorder import Recorder
from diagnose.sources.columns import known, there
from diagnose.trainers.answers import EffectiveRates
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.trainers.trainer_model import TrainerModel

USUAL_SHARE = 0.9
"""Of the moves of a rate, the quantile that is compared: single jumps, as at a resume, are no pace."""
FEWEST_MOVES = 10


def extract(evidence: Evidence, record: Recorder) -> None:
    """Record what the settings in effect say of the logged rates and their ratio, and how far the log is from it."""
    _record_ratio_gap(evidence, record)
    series, config, model, rates = evidence.latest, evidence.config, evidence.model, evidence.rates
    if config is None or model is None:
        return
    moves = rates_move(config, model, rates)
    if moves is not None:
        places = [config.place(name) for name in ("optimizer", "switch_every")]
        record.known("effective.lr_moves", moves, places=places)
    apart = _logged_apart(config, model)
    if apart is not None:
        record.known("effective.lr_logged_apart", apart, places=[config.place("optimizer")])
    # the console prints two digits of a rate, upstream's database a mean over both experts
    if series is None or not tells_rates_exactly(series.log) or rates is None:
        return
    split = [False] * len(series.rows)
    for expert in series.rows.rated:
        split = [each or abs(rate) > 0 for each, rate in zip(split, series.rows.rate(expert), strict=True)]
    alone = [abs(rate) > 0 for rate in series.rows.numbers("lr_shared")]
    rated = series.rows.where(map(or_, split, alone))
    if rated:
        record.known("log.lr_logged_apart", any(split), places=[series.place(rated[0])])
    if config.optimizer in FIXED_RATE:
        # a resume may go on with the rate of the optimizer's file, whatever the config says by then
        if series.rows[0].step == 0 or config.called("rate") not in (model.from_optimizer_file or ()):
            _record_fixed(series, config, record)
        return
    if rates.bounds:
        _record_walks(evidence, series, config, rates, record)


def _record_walks(evidence: Evidence, series: Series, config: Config, rates: EffectiveRates, record: Recorder) -> None:
    """Compare the rates of each expert with the bounds, the start and the bump in effect."""
    for expert in Expert:
        walk, own = walk_of(config, rates, expert), own_rates(series, expert).moving
        if walk is None or walk.ceiling <= walk.floor or not own.rows:
            continue
        for name, bound, value in (
            ("gap.lr_over_ceiling", walk.ceiling, max(own.rates)),
            ("gap.lr_over_floor", walk.floor, min(own.rates)),
        ):
            places = [series.place(own.rows[own.rates.index(value)])]
            record.known(name, value / bound, subject=expert.value, places=places, samples=len(own.rates))
        if evidence.cadence is not None:
            _record_first(series, expert, walk, own, record, start=config.place("rate"))
            _record_pace(series, expert, walk, own, record)


def rates_move(config: Config, model: TrainerModel, rates: EffectiveRates | None) -> bool | None:
    """Return whether the settings in effect move the learning rates; None where that cannot be told.

    A fixed-rate optimizer moves none under a constant schedule. automagic moves them where it can adapt, floor and
    ceiling leave room, and 8-bit storage keeps a bump that is half a quantum (`LEVELS`) of the highest rate.
    """
    if rates is None:
        return None
    if config.optimizer in FIXED_RATE:
        return False if is_constant(config) else None
    legacy = config.setting("accumulation.legacy")
    if not rates.bounds or (legacy.written and legacy.value != 1):
        return None
    walks = [walk_of(config, rates, expert) for expert in Expert if config.trains(expert).value]
    if not walks or any(walk is None for walk in walks):
        return None
    if model.rates_adapt(config) is False:
        return False
    roomy = all(
        walk.ceiling > walk.floor and 2 * LEVELS * walk.bump >= max(walk.start, walk.ceiling) for walk in walks if walk
    )
    return True if roomy else None


def _logged_apart(config: Config, model: TrainerModel) -> bool | None:
    """Return whether the fork logs a rate for each expert under this config, or one for both; None if not known."""
    if not model.rates_per_expert or not config.trains_both:
        return None
    return True if config.optimizer == AUTOMAGIC else False if config.optimizer in FIXED_RATE else None


def _record_first(
    series: Series, expert: Expert, walk: WalkSettings, own: OwnRates, record: Recorder, *, start: Place
) -> None:
    """Compare the first rate with what the start and one bump give.

    A new LoRA agrees at 75 % in its first move, one that was trained before by chance, and without a gradient
    everything agrees; the last two are the ends of what is possible.
    """
    row, value = own.rows[0], own.rates[0]
    if series.rows[0].step != 0 or series.rows.steps[row.step : row.step + 1].tolist() != [row.step]:
        return
    up, down = walk.held(walk.start + walk.bump), walk.held(walk.start - walk.bump)
    nearest = min(max(value, CHANCE * up + (1 - CHANCE) * down), up)
    record.known("due.lr_first", nearest, subject=expert.value, places=[start])
    record.known("gap.lr_first", value / nearest, subject=expert.value, places=[series.place(row)])


def _record_pace(series: Series, expert: Expert, walk: WalkSettings, own: OwnRates, record: Recorder) -> None:
    """Compare the moves from one step to the next with a bump, or with a quantum of storage where that is wider.

    A row of step n follows n + 1 moves at most, so no rate of the expert lies higher than the start and so many bumps.
    """
    paces = sorted(
        abs(after - before) / max(walk.bump, min(walk.ceiling, walk.start + (step + 1) * walk.bump) / LEVELS)
        for (earlier, step), (before, after) in zip(pairwise(own.rows.steps), pairwise(own.rates), strict=True)
        if step == earlier + 1
    )
    if len(paces) >= FEWEST_MOVES:
        usual, places = paces[math.ceil(USUAL_SHARE * len(paces)) - 1], [series.place(own.rows[-1])]
        record.known("gap.lr_pace", usual, subject=expert.value, places=places, samples=len(paces))


def _record_fixed(series: Series, config: Config, record: Recorder) -> None:
    """Compare the first rate with the configured one, where nothing moves it."""
    lr = config.number("rate")
    if lr is None or not lr.value > 0 or not is_constant(config):
        return
    for expert in Expert:
        own = own_rates(series, expert).moving
        if own.rows:
            gap, places = own.rates[0] / float(lr.value), [series.place(own.rows[0])]
            record.known("due.lr_first", float(lr.value), subject=expert.value, places=[lr.place])
            record.known("gap.lr_first", gap, subject=expert.value, places=places)


def _record_ratio_gap(evidence: Evidence, record: Recorder) -> None:
    """Record how far the last logged ratio is outside the band of the forecast, 1 within it.

    Nothing is recorded where the forecast is known to fail: without a logged agreement, where the log does not begin
    with the run, and where 8-bit storage cannot follow the rates.
    """
    series, rates = trusted_rows(evidence, record), evidence.rates
    if series is None or not tells_rates_exactly(series.log) or rates is None:
        return
    found = ratios(series.rows)
    both = series.rows.where(there(found))
    agreement = record.number("log.gradient_stability")
    if not both or agreement is None or series.rows[0].step != 0:
        return
    row, ratio = both[-1], known(found)[-1]
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
    for expert in Expert:
        walk = walk_of(config, rates, expert)
        if walk is not None and outgrows_storage(walk, agreement, moves[expert]):
            return None
    return found.points[-1]

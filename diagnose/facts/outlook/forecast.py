"""The learning rates a config will give each expert, and their ratio, before a step is trained.

The settings in effect and a sign-agreement rate go in; no log is read here, and nothing is judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.automagic import CHANCE, LEVELS, WalkSettings, mean_rates, outgrows_storage
from diagnose.trainers.answers import BOUNDS, EffectiveRates
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.trainers.trainer_model import TrainerModel
from diagnose.trainers.turns import EXPERTS, Cadence

DOCUMENT_AGREEMENT = 0.486
"""Agreement where no log tells: that of the reference run (PHS-02)."""
LEAST_RATE, GREATEST_RATE = 1e-12, 1e3
"""What lies outside is a typing error, not a learning rate."""

MODEL_ERROR = 0.07
"""Standard error of the log ratio for given agreements: the misses on the real logs (`reports/forecast.md`)."""
LEVEL_ERROR = 0.005
"""Standard error of the agreement, common to both experts: our judgement of what a run's mean is good for."""
EXPERT_ERROR = 0.06
"""Standard error of each expert's own agreement, as a part of its distance from chance: how far the experts' means lie
from their run's mean in the real logs."""
EXPERT_LEAN = 0.045
"""By how much of its distance from chance the high-noise expert agrees less than its run, and the low-noise one more:
fitted to twelve real logs, where leaving any one out gives 0.04 or 0.05 (`reports/forecast.md`)."""
BAND = 1.64
"""Standard errors to either side that hold nine cases in ten, if they are normal."""

POINTS = 10
LONGEST = 20_000
"""Steps that are followed; no run of the field is as long."""


class ForecastPoint(Struct, frozen=True):
    """Mean learning rates after `step` steps, their ratio high over low, and the band that holds it nine times in ten.

    The log's row for it has the number `step - 1`: rows count from 0.
    """

    step: int
    lr_high: float
    lr_low: float
    lr_ratio: float
    band: tuple[float, float]

    @property
    def lr(self) -> Mapping[str, float]:
        """The rate of each expert, by its name."""
        return {Expert.HIGH.value: self.lr_high, Expert.LOW.value: self.lr_low}


class Forecast(Struct, frozen=True):
    """The course of the rates, the sign agreement it was computed for, and what was assumed."""

    agreement: Mapping[Expert, float]
    points: tuple[ForecastPoint, ...]
    assumptions: tuple[str, ...]


def forecast(
    config: Config,
    rates: EffectiveRates,
    trainer: TrainerModel,
    agreement: Mapping[Expert, float] | float,
    steps: int,
    *,
    mark: int | None = None,
) -> Forecast | None:
    """Forecast the learning rates of a run from scratch, at some ten steps, at `mark` and at the last one.

    None where there is nothing to forecast: an optimizer other than automagic, settings that the trainer refuses or
    that are no learning rates, a model without two experts, one expert trained alone, or too few steps for both to
    have a turn. Upstream has one group of parameters: both experts walk with the same settings, and only their turns
    tell them apart.

    `agreement` is the mean sign agreement, one for both experts or one for each, from 0 to 1; 0.5 is chance. `mark` is
    a step of interest, left out where the run ends before it or one expert has had no turn by then.
    """
    agreements = _agreements(agreement)
    cadence = trainer.turns(config)
    walks = {expert: walk for expert in EXPERTS if (walk := walk_of(config, rates, expert)) is not None}
    followed = min(steps, LONGEST)
    if not config.is_wan22_14b or cadence is None or len(walks) < len(EXPERTS) or followed < cadence.both_from:
        return None
    # the ends of whole cycles, where both experts have had equal turns
    stride = max(1, round(followed / POINTS / cadence.cycle)) * cadence.cycle
    marked = {mark} if mark is not None and cadence.both_from <= mark < followed else set()
    shown = sorted({*range(stride, followed - stride // 2, stride), followed, *marked})
    moves = remembered_moves(cadence, tuple(shown))
    high, low = (_course(walks[e], agreements[e], [counts[e] for counts in moves]) for e in EXPERTS)
    points = tuple(_point(*each) for each in zip(shown, high, low, strict=True))
    outgrown = [e for e in EXPERTS if outgrows_storage(walks[e], agreements[e], moves[-1][e])]
    cut = (f"only the first {LONGEST} of {steps} steps are followed",) if steps > LONGEST else ()
    return Forecast(agreements, points, (*_assumptions(config, trainer, agreements, outgrown), *cut))


class _Rate(Struct, frozen=True):
    """A mean rate, and how much its logarithm changes per unit of agreement; `own` is the agreement's own error."""

    mean: float
    slope: float
    own: float


def _agreements(agreement: Mapping[Expert, float] | float) -> dict[Expert, float]:
    """Return the agreement of each expert, as given or in a run of this mean.

    The high-noise expert sees the noisier gradients, and the larger rate takes its updates farther past the optimum. No
    log lies below chance, so nothing is known of it there.
    """
    if isinstance(agreement, Mapping):
        return {expert: agreement[expert] for expert in EXPERTS}
    offset = EXPERT_LEAN * max(0.0, agreement - CHANCE)
    low = agreement + offset if agreement > 1 else min(agreement + offset, 1.0)
    return {Expert.HIGH: agreement - offset, Expert.LOW: low}


def walk_of(config: Config, rates: EffectiveRates, expert: Expert) -> WalkSettings | None:
    """Return an expert's settings in effect; None where one is missing or no learning rate."""
    lr = config.number("rate")
    bounds = [rates.bounds.get((expert, bound), math.nan) for bound in BOUNDS]
    if lr is None or not lr.value >= 0 or not all(LEAST_RATE <= bound <= GREATEST_RATE for bound in bounds):
        return None
    start = config.model.starting_rate(float(lr.value), AUTOMAGIC)
    return WalkSettings(start[0], *bounds) if start is not None else None


def _course(walk: WalkSettings, agreement: float, moves: Sequence[int]) -> list[_Rate]:
    """Return the rate after each number of moves, with its slope towards chance."""
    towards = math.copysign(LEVEL_ERROR, CHANCE - agreement)
    means, others = (remembered_means(walk, each, tuple(moves)) for each in (agreement, agreement + towards))
    own = EXPERT_ERROR * abs(agreement - CHANCE)
    return [_Rate(mean, math.log(other / mean) / towards, own) for mean, other in zip(means, others, strict=True)]


remembered_means, remembered_moves = lru_cache(maxsize=32)(mean_rates), lru_cache(maxsize=32)(Cadence.moves)
"""Both are remembered: the forecasts that one report compares often share an expert."""


def _point(step: int, high: _Rate, low: _Rate) -> ForecastPoint:
    ratio = high.mean / low.mean
    common = LEVEL_ERROR * (high.slope - low.slope)
    width = math.exp(BAND * math.hypot(MODEL_ERROR, common, high.own * high.slope, low.own * low.slope))
    return ForecastPoint(step, high.mean, low.mean, ratio, (ratio / width, ratio * width))


def _assumptions(
    config: Config, trainer: TrainerModel, agreements: Mapping[Expert, float], outgrown: Sequence[Expert]
) -> Iterator[str]:
    high, low = (agreements[expert] for expert in EXPERTS)
    rate = f"{high:.3g}" if high == low else f"{high:.3g} (high-noise) and {low:.3g} (low-noise)"
    yield f"signs of successive updates agree at a mean rate of {rate}; 0.5 is chance"
    parts = ["constant"] * (max(high, low) > CHANCE) + ["alternating"] * (min(high, low) < CHANCE)
    if parts:
        yield f"elements differ in agreement as {' and '.join(parts)} gradients of normal size under fresh noise do"
    yield "a new LoRA, trained without a resume"
    if trainer.rates_adapt(config) is False:
        yield "no rate moves after an expert's first step: every step trains the other expert than the step before"
    if trainer.rates_per_expert is False:
        yield f"{trainer.label} has one group of parameters: both experts have the same settings"
    model, own = (f"{100 * share:.0f} %" for share in (MODEL_ERROR, EXPERT_ERROR))
    yield (
        f"the band holds nine cases in ten of the ratio: {model} for the model as it missed real logs, "
        f"{LEVEL_ERROR:g} for the agreement, {own} of its distance from chance for each expert's own"
    )
    if outgrown:
        names = " and the ".join(f"{expert.value}-noise" for expert in outgrown)
        yield (
            f"8-bit storage loses bumps of the {names} rates, the ceiling being more than {LEVELS} bumps high; "
            "neither the rates nor the band show that"
        )

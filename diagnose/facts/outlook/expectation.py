"""What the learning rates will do under a config, as a forecast where one can be made, else the reason why not."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.automagic import mean_rates
from diagnose.facts.outlook.forecast import LONGEST, Forecast, forecast, walk_of
from diagnose.trainers.answers import EffectiveRates, PerExpert
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.trainers.trainer_model import TrainerModel

FIXED_RATE = frozenset({"adam", "adamw", "adam8bit", "adamw8bit", "lion", "lion8bit"})
"""Optimizers that leave the rate to the scheduler; others estimate one of their own."""
FITTED = ("prodigy", "dadapt")
"""Beginnings of optimizers that take the rate for a factor of the one that they find."""


class Expectation(Struct, frozen=True):
    """The forecast of a config's learning rates.

    Attributes:
        forecast: None where there is none.
        steady_ratio: the ratio high/low where the optimizer keeps both rates in one proportion; None elsewhere.
        why_not: why there is no forecast; "" where there is one.
    """

    forecast: Forecast | None
    steady_ratio: float | None
    why_not: str


def expect(
    config: Config,
    trainer: TrainerModel | None,
    rates: EffectiveRates | None,
    agreement: float,
    mark: int | None = None,
) -> Expectation:
    """Return what the rates of both experts will do under a config seen through `trainer`.

    `agreement` is the mean sign agreement of successive updates, 0 to 1; 0.5 is chance. The forecast shows step `mark`
    where the run comes to it.
    """
    steps, steady = config.finite("steps"), None
    if rates is not None and trainer is not None and steps is not None:
        found = forecast(config, rates, trainer, agreement, int(steps.value), mark=mark)
        if found is not None:
            return Expectation(found, None, "")
    if rates is not None and config.may_have_two_experts and not adapts_by_itself(config.optimizer):
        steady = rates.ratio
    return Expectation(None, steady, next(_reasons(config, trainer, rates)))


def adapts_by_itself(optimizer: str | None) -> bool:
    """Return whether the optimizer finds its rates by itself, so that the rate as written is no more than a start."""
    return optimizer is not None and optimizer.startswith((AUTOMAGIC, *FITTED))


def is_constant(config: Config) -> bool:
    """Whether the schedule leaves the rate as it is: both trainers' default, unless its parameters say otherwise."""
    schedule = config.text("rate.schedule")
    constant = schedule is None or schedule.value == "constant"
    return config.has("rate.schedule") and constant and not config.mapping("rate.schedule.parameters")


def _reasons(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None) -> Iterator[str]:
    """Yield why there is no forecast, in the order in which a user would have to deal with it."""
    steps = config.finite("steps")
    if not config.may_have_two_experts:
        yield f"{config.setting('arch').value} is no architecture of two experts"
    if not config.trains_both:
        yield "one expert is trained alone"
    if rates is not None and rates.fate is PerExpert.REFUSED:
        yield f"the run does not start: {rates.why}"
    if config.optimizer != AUTOMAGIC and adapts_by_itself(config.optimizer):
        yield f"how {config.optimizer} adapts its rates is not modelled"
    elif config.optimizer != AUTOMAGIC:
        yield f"{config.optimizer or 'this optimizer'} trains both experts at one rate"
    if trainer is None:
        yield "it depends on the trainer, which is not known (--trainer)"
        return
    cadence = trainer.turns(config)
    if cadence is not None and steps is not None and steps.value < cadence.both_from:
        yield f"{steps.value} steps are too few for both experts to have a turn"
    yield "a rate, a count of steps or the architecture is missing or cannot be used"


def rate_alone(config: Config, trainer: TrainerModel | None, expert: str, agreement: float) -> float | None:
    """Return the learning rate at the end of a run that trains one expert alone; None where it cannot be told.

    An unknown trainer is the one that the config is seen through. No step of such a run is a pause, so every step
    moves automagic's rates. Another optimizer keeps the rate as written, but for a scheduler's factor.
    """
    model = trainer or config.model
    rates, steps, written = model.rates(config), config.finite("steps"), config.number("rate")
    if rates is None or steps is None or written is None:
        return None
    if config.optimizer != AUTOMAGIC:
        return None if adapts_by_itself(config.optimizer) else float(written.value)
    walk = walk_of(config, rates, Expert(expert))
    return None if walk is None else mean_rates(walk, agreement, [min(int(steps.value), LONGEST)])[-1]

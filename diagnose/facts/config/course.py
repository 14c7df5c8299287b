"""What the settings make of a run's course: where the rate starts, and how many updates each expert gets."""

from __future__ import annotations

import math

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.cadence import Cadence
from diagnose.facts.config.declared import AUTOMAGIC, Config
from diagnose.facts.record import Recorder

HIGHEST_START, FORCED_START = 1e-3, 1e-6
"""A start above the first is replaced by the second (automagic.py:24-26 of the fork; upstream does the same)."""
SCALE_FREE = ("dadaptation", "prodigy")
SCALE_FREE_LEAST, SCALE_FREE_START = 0.1, 1.0
"""Optimizers that find the rate themselves take a factor, and one below the first is replaced (optimizer.py:16-52)."""
LONGEST_PERIOD = 100_000
"""Steps after which the alternation repeats; a config with a longer period is a typing error."""


def record_course(config: Config, record: Recorder) -> None:
    """Record the starting rate in effect, the updates of each expert, and alpha over rank as written."""
    lr = config.finite("train.lr")
    if lr is not None and config.optimizer is not None:
        start, why = starting_rate(float(lr.value), config.optimizer)
        note = why or ("" if lr.written else "the trainer's default; the key is absent")
        record.known("effective.start_rate", start, places=[lr.place], note=note)
    for expert, count in updates(config).items():
        steps = config.setting("train.steps")
        record.known("effective.updates", count, subject=expert.value, places=[steps.place])
    alpha, rank = config.finite("network.linear_alpha"), config.rank
    if alpha is None or rank is None:
        place = config.setting("network.linear_alpha").place
        record.known("config.alpha_over_rank", 1.0, places=[place], note="no linear_alpha is written")
    elif rank.value > 0:
        record.known("config.alpha_over_rank", alpha.value / rank.value, places=[alpha.place, rank.place])


def starting_rate(rate: float, optimizer: str) -> tuple[float, str]:
    """Return the rate an optimizer starts at where `rate` is written, and why where that is another."""
    if optimizer == AUTOMAGIC and rate > HIGHEST_START:
        return FORCED_START, "automagic takes more than 1.0e-3 for a mistake"
    if optimizer.startswith(SCALE_FREE) and rate < SCALE_FREE_LEAST:
        return SCALE_FREE_START, f"{optimizer} takes a factor, and less than 0.1 for a mistake"
    return rate, ""


def updates(config: Config) -> dict[Expert, int]:
    """Return how many optimizer steps reach each expert.

    The experts alternate every `switch_boundary_every` batches, high noise first; `gradient_accumulation` batches make
    one step, so a step may reach both (SDTrainer.py:2245-2264). Empty where the settings do not tell.
    """
    paths = ("train.steps", "train.gradient_accumulation", "train.switch_boundary_every")
    found = [config.finite(path) for path in paths]
    if not config.is_wan22_14b or any(each is None or each.value < 1 for each in found):
        return {}
    steps, batches, block = (int(each.value) for each in found if each is not None)
    trained = [expert for expert in Expert if config.trains(expert).value]
    if len(trained) < len(Expert):
        return dict.fromkeys(trained, steps)
    period = math.lcm(2 * block, batches) // batches
    if min(steps, period) > LONGEST_PERIOD:
        return {}
    whole, rest = divmod(steps, period)
    turns = Cadence(switch=block, accumulation=batches, rests=False)
    over_rest, over_period = turns.moves([rest, min(period, steps)])
    return {expert: whole * over_period[expert] + over_rest[expert] for expert in Expert}

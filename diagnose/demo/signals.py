"""What an example run measures step by step: times, losses, gradient stability, the rates of both experts."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from operator import mul
from random import Random
from statistics import fmean

from diagnose.demo.case import Bounds, Case, RateFigures
from diagnose.domains.wan22.experts import Expert

TREND_OVER = 200
"""Losses that the fork's trend looks back on."""
_SWAPS = 2000
_WIDEST = 8.0
_HALVINGS = 48
"""Bisection of the log-normal width between 0 and `_WIDEST`, to better than single precision."""
_MEMORY = 0.97
"""Share of a rate's wander that is left after one update."""
_KICK = 0.0004
"""Standard deviation of the wander's change per update, relative to the rate; 0.16 % in the long run."""


def times(case: Case, seed: int) -> Iterator[datetime]:
    """Yield when each step began."""
    chance = case.stream(seed, "time")
    now = case.started
    for _ in range(case.trained_steps):
        yield now
        now += timedelta(seconds=case.seconds_per_step * chance.uniform(0.97, 1.03))


def gradient_stabilities(case: Case, seed: int) -> list[float]:
    """Return the logged share of repeated gradient signs; each expert's own values average what the case says.

    The first step after a pause measures nothing, so its row repeats the other expert's last value.
    """
    settings, figures = case.settings, case.gradient_stability
    chance = case.stream(seed, "stability")
    draws = [chance.gauss(0, figures.spread) for _ in range(case.trained_steps)]
    own: dict[Expert, list[float]] = {}
    for step, draw in enumerate(draws):
        if not settings.resumes_at(step):
            own.setdefault(settings.expert_at(step), []).append(draw)
    shift = {expert: figures.mean - fmean(found) for expert, found in own.items()}
    values: list[float] = []
    for step, draw in enumerate(draws):
        values.append(values[-1] if settings.resumes_at(step) else draw + shift[settings.expert_at(step)])
    return values


def learning_rates(case: Case, seed: int) -> list[dict[Expert, float]]:
    """Return the logged rates of every step under the fork's automagic; 0.0 for an expert that has not trained yet.

    Automagic walks the rate of every element up or down by one bump and logs the mean, which rises with the square
    root of the updates and levels off between floor and ceiling. The course here has that shape, a slow wander on top,
    and passes exactly through the figure of the case. A paused expert's rate stands still, and so does that of the
    first step after a pause: the optimizer has no fresh sign to compare with.
    """
    settings, counts, updates = case.settings, dict.fromkeys(Expert, 0), []
    for step in range(case.trained_steps):
        if not settings.resumes_at(step):
            counts[settings.expert_at(step)] += 1
        updates.append(counts.copy())
    courses = {
        expert: _rate_course(
            figures,
            settings.bounds[expert],
            anchor=updates[figures.at_step][expert],
            length=updates[-1][expert],
            chance=case.stream(seed, "rate", expert.value),
        )
        for expert, figures in case.rates.items()
    }
    return [{expert: courses[expert][count] for expert, count in after.items()} for after in updates]


def _rate_course(figures: RateFigures, bounds: Bounds, *, anchor: int, length: int, chance: Random) -> list[float]:
    """Rates after 0, 1, ... updates; the one after `anchor` updates is the figure."""
    start = bounds.clip(bounds.start)
    climb = (figures.rate - start) / _rise(anchor / figures.updates)
    wander = list(accumulate(range(length), lambda last, _: _MEMORY * last + chance.gauss(0, _KICK), initial=0.0))
    course = [0.0]
    for count in range(1, length + 1):
        level = start + climb * _rise(count / figures.updates)
        wandered = bounds.clip(level * (1 + wander[count] - wander[anchor]))
        course.append(single(min(wandered, bounds.reach(count))))
    return course


def _rise(age: float) -> float:
    """From 0 like the square root, to 1 beyond an age of about two."""
    return math.sqrt(math.tanh(age))


def losses(case: Case, seed: int) -> list[float]:
    """Return the loss of every step: positive, and skewed like the log-normal distribution it is drawn from.

    Every block of one expert has the mean and the scatter of the case, in random order.
    """
    chance = case.stream(seed, "loss")
    block = case.settings.block
    values: list[float] = []
    for start in range(0, case.trained_steps, block):
        figures = case.losses[case.settings.expert_at(start)]
        first, last = figures.mean
        mean = first + (last - first) * start / case.trained_steps
        values += _block(min(block, case.trained_steps - start), mean, figures.std / mean, chance)
    _level_halves(values, case, chance)
    _tilt_end(values, case, chance)
    return values


def _block(count: int, mean: float, variation: float, chance: Random) -> list[float]:
    """Draw `count` losses of exactly this mean and this population std / mean."""
    scores = [chance.gauss(0, 1) for _ in range(count)]
    narrow, wide = 0.0, _WIDEST
    for _ in range(_HALVINGS):
        width = (narrow + wide) / 2
        shape = [math.exp(width * score) for score in scores]
        narrow, wide = (width, wide) if _variation(shape) < variation else (narrow, width)
    level = fmean(shape)
    return [single(mean * value / level) for value in shape]


def _variation(values: Sequence[float]) -> float:
    """Population standard deviation over mean, of positive values."""
    return math.sqrt(len(values) * sum(value * value for value in values) / sum(values) ** 2 - 1)


def _level_halves(values: list[float], case: Case, chance: Random) -> None:
    """Make the second half of each expert's rows show the figures too, where its start cuts a block in two.

    The document's figures stand over about 783 high-noise batches, half of the run's. From the middle on, such a
    block gets the mean and the variation of the whole block.
    """
    block = case.settings.block
    for expert in Expert:
        own = [step for step in range(len(values)) if case.settings.expert_at(step) is expert]
        middle = own[len(own) // 2]
        start = middle // block * block
        end = min(start + block, len(values))
        whole, variation = fmean(values[start:end]), _variation(values[start:end])

        def miss(middle: int = middle, end: int = end, whole: float = whole, variation: float = variation) -> float:
            part = values[middle:end]
            return abs(fmean(part) / whole - 1) + abs(_variation(part) / variation - 1)

        _swap_towards(values, [range(start, end)], miss, chance)


def _tilt_end(values: list[float], case: Case, chance: Random) -> None:
    """Make the last trend fall with the r squared of the case, by the order within the last two blocks."""
    wanted, block = -math.sqrt(case.final_loss_r2), case.settings.block
    blocks = [range(start, min(start + block, len(values))) for start in range(0, len(values), block)[-2:]]
    _swap_towards(values, blocks, lambda: abs(fit_line(values[-TREND_OVER:])[1] - wanted), chance)


def _swap_towards(values: list[float], blocks: Sequence[range], miss: Callable[[], float], chance: Random) -> None:
    """Swap values within these blocks of places, keeping each swap that lowers `miss`."""
    least = miss()
    for _ in range(_SWAPS):
        i, j = chance.sample(chance.choice(blocks), 2)
        values[i], values[j] = values[j], values[i]
        now = miss()
        if now < least:
            least = now
        else:
            values[i], values[j] = values[j], values[i]


def fit_line(values: Sequence[float]) -> tuple[float, float]:
    """Return slope and correlation of the least-squares line through (0, v0), (1, v1), ...; two values must differ.

    It is the line that the fork fits through its recent losses.
    """
    count = len(values)
    mean = sum(values) / count
    deviations = [value - mean for value in values]
    covariance = sum(map(mul, range(count), deviations))
    index_spread = count * (count**2 - 1) / 12
    return covariance / index_spread, covariance / math.sqrt(index_spread * sum(map(mul, deviations, deviations)))


def single(value: float) -> float:
    """Return the value rounded to single precision, in which the trainer logs its numbers."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])

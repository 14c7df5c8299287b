"""Losses whose every block of one expert has the mean and the scatter of the case, in random order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from statistics import fmean

from diagnose.demo.case import Case
from diagnose.demo.chance import single, stream
from diagnose.demo.regression import fit_line
from diagnose.domains.wan22.experts import Expert

_WINDOW = 200
"""Losses that the fork's trend looks back on."""
_SWAPS = 2000
_WIDEST = 8.0
_HALVINGS = 48
"""Bisection of the log-normal width between 0 and `_WIDEST`, to better than single precision."""


def losses(case: Case, seed: int) -> list[float]:
    """Return the loss of every step: positive, and skewed like the log-normal distribution it is drawn from."""
    chance = stream(seed, case.name, "loss")
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


def _variation(values: list[float]) -> float:
    """Population standard deviation over mean, of positive values."""
    return math.sqrt(len(values) * sum(value * value for value in values) / sum(values) ** 2 - 1)


def _level_halves(values: list[float], case: Case, chance: Random) -> None:
    """Make the second half of each expert's rows show the figures too, where its start cuts a block in two.

    The document's figures stand over about 783 high-noise batches, half of the run's.
    """
    block = case.settings.block
    for expert in Expert:
        own = [step for step in range(len(values)) if case.settings.expert_at(step) is expert]
        middle = own[len(own) // 2]
        start = middle // block * block
        _level(values, range(start, min(start + block, len(values))), middle, chance)


def _level(values: list[float], block: range, middle: int, chance: Random) -> None:
    """Give the part of a block from `middle` on the mean and the variation of the whole."""
    whole = values[block.start : block.stop]

    def miss() -> float:
        part = values[middle : block.stop]
        return abs(fmean(part) / fmean(whole) - 1) + abs(_variation(part) / _variation(whole) - 1)

    _swap_towards(values, [block], miss, chance)


def _tilt_end(values: list[float], case: Case, chance: Random) -> None:
    """Make the last trend fall with the r squared of the case, by the order within the last two blocks."""
    correlation = -math.sqrt(case.final_loss_r2)
    block = case.settings.block
    starts = range(0, len(values), block)[-2:]
    blocks = [range(start, min(start + block, len(values))) for start in starts]
    _swap_towards(values, blocks, lambda: abs(fit_line(values[-_WINDOW:]).correlation - correlation), chance)


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

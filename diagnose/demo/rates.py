"""Learning rates of the two experts, step by step, under the fork's automagic optimizer.

Automagic walks the rate of every element up or down by one bump and logs the mean, which rises with the square
root of the updates and levels off between floor and ceiling. The course here has that shape, a slow wander on top,
and passes exactly through the figure of the case.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from diagnose.demo.case import Case, RateFigures
from diagnose.demo.chance import single, stream
from diagnose.demo.settings import Bounds
from diagnose.domains.wan22.experts import Expert

_MEMORY = 0.97
"""Share of the wander that is left after one update."""
_KICK = 0.0004
"""Standard deviation of the wander's change per update, relative to the rate; 0.16 % in the long run."""


def learning_rates(case: Case, seed: int) -> list[dict[Expert, float]]:
    """Return the logged rates of every step; 0.0 for an expert that has not trained yet.

    A paused expert's rate stands still, and so does that of the first step after a pause: the optimizer has no
    fresh sign to compare with.
    """
    updates = _updates(case)
    courses = {
        expert: _course(
            figures,
            case.settings.bounds[expert],
            anchor=updates[figures.at_step][expert],
            length=updates[-1][expert],
            chance=stream(seed, case.name, "rate", expert.value),
        )
        for expert, figures in case.rates.items()
    }
    return [{expert: courses[expert][count] for expert, count in counts.items()} for counts in updates]


def _updates(case: Case) -> list[dict[Expert, int]]:
    """How many updates that move the rate each expert has had after each step."""
    counts = dict.fromkeys(Expert, 0)
    rows = []
    for step in range(case.trained_steps):
        if not case.settings.resumes_at(step):
            counts[case.settings.expert_at(step)] += 1
        rows.append(counts.copy())
    return rows


def _course(figures: RateFigures, bounds: Bounds, *, anchor: int, length: int, chance: Random) -> list[float]:
    """Rates after 0, 1, ... updates; the one after `anchor` updates is the figure."""
    start = bounds.clip(bounds.start)
    climb = (figures.rate - start) / _rise(anchor / figures.updates)
    wander = list(_wander(length, chance))
    course = [0.0]
    for count in range(1, length + 1):
        level = start + climb * _rise(count / figures.updates)
        wandered = bounds.clip(level * (1 + wander[count] - wander[anchor]))
        course.append(single(min(wandered, bounds.reach(count))))
    return course


def _rise(age: float) -> float:
    """From 0 like the square root, to 1 beyond an age of about two."""
    return math.sqrt(math.tanh(age))


def _wander(length: int, chance: Random) -> Iterator[float]:
    drift = 0.0
    for _ in range(length + 1):
        yield drift
        drift = _MEMORY * drift + chance.gauss(0, _KICK)

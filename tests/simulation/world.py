"""What the optimizer meets: how strong and how steady the gradients of each expert are, and what losses come to.

The unit of gradients is the standard deviation of an element's noise, since automagic divides a gradient by its size.
`DOCUMENT` is calibrated on the reference run (knowledge/cases/run-v15.yaml): simulated with its config it ends
near its learning rates, weight magnitudes, growth and sign agreement. How near is tested.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from diagnose.domains.wan22.experts import Expert

JITTER = {"curvature": 0.1, "steep": 0.1, "signal": 0.05, "shared": 0.15, "loss_mean": 0.08, "loss_std": 0.06}
"""Standard deviation of a figure's logarithm from world to world: runs of one recipe differ by about as much."""


@dataclass(frozen=True, slots=True)
class ExpertWorld:
    """The gradients and losses of one expert.

    Attributes:
        curvature: median over the elements of the pull back towards the start, per unit of weight; it is log-normal.
        steep: share of the elements that are so steep that they overshoot at nearly every step.
        signal: standard deviation over the elements of the part that stays the same at every step.
        shared: share of the noise's variance that belongs to the clip; each clip comes once an epoch.
        loss_mean: mean loss.
        loss_std: standard deviation of single batches, which are log-normal.
    """

    curvature: float
    steep: float
    signal: float
    shared: float
    loss_mean: float
    loss_std: float


@dataclass(frozen=True, slots=True)
class World:
    """Both experts, the number of clips, and how much of the loss training takes away."""

    experts: Mapping[Expert, ExpertWorld]
    clips: int = 24
    gain: float = 0.03


DOCUMENT = World(
    {
        Expert.HIGH: ExpertWorld(18.0, 0.065, 0.08, 0.01, loss_mean=0.0755, loss_std=0.0715),
        Expert.LOW: ExpertWorld(7.0, 0.155, 0.042, 0.01, loss_mean=0.0826, loss_std=0.0415),
    }
)


def jittered(world: World, seed: int) -> World:
    """Return a world like this one, as another data set would make it."""
    chance = np.random.default_rng([seed, 77])
    experts = {}
    for expert, own in world.experts.items():
        figures = {
            name: getattr(own, name) * math.exp(width * chance.standard_normal()) for name, width in JITTER.items()
        }
        experts[expert] = replace(own, **figures)
    return replace(world, experts=experts)

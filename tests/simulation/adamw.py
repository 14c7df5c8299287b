"""AdamW in numpy: one rate for all elements, both experts alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.automagic import Floats, Moved, Shape


@dataclass(frozen=True, slots=True)
class AdamWSettings:
    """Decoupled weight decay; the trainer sets eps to 1e-6."""

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.01
    eps: float = 1e-6


class AdamW:
    """The optimizer's state for the tensors of one expert, in one row. Pauses mean nothing to it."""

    def __init__(self, settings: AdamWSettings, shapes: Sequence[Shape]) -> None:
        self.settings = settings
        size = sum(rows * columns for rows, columns in shapes)
        self._mean: Floats = np.zeros(size, np.float32)
        self._square: Floats = np.zeros(size, np.float32)
        self._steps = 0

    def forget_rates(self) -> None:
        """Lose the state, as a resume does that cannot load it."""
        self._mean[:], self._square[:], self._steps = 0, 0, 0

    def step(self, weights: Floats, gradient: Floats, *, after_pause: bool) -> Moved:
        """Move the weights, in place, by one step."""
        del after_pause
        own = self.settings
        self._steps += 1
        with np.errstate(over="ignore", invalid="ignore"):
            self._mean += np.float32(1 - own.beta1) * (gradient - self._mean)
            self._square += np.float32(1 - own.beta2) * (gradient * gradient - self._square)
            size = np.sqrt(self._square / np.float32(1 - own.beta2**self._steps)) + np.float32(own.eps)
            weights *= np.float32(1 - own.rate * own.weight_decay)
            weights -= np.float32(own.rate / (1 - own.beta1**self._steps)) * self._mean / size
        return Moved(own.rate, None)

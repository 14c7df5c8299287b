"""Automagic in numpy, as the fork and upstream run it: one learning rate per element, stored in 8 bits.

Written from the rule that `knowledge/automagic.md` states. All tensors of an expert lie in one row, so that what is
done element by element is done once; only the second moments and the storage go tensor by tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Shape = tuple[int, int]

LEVELS = 127
"""Positive values of the 8-bit storage: a rate is a whole number of its tensor's largest rate over this."""
TINY = np.float32(1e-30)
"""Added to the squared gradient."""
HIGHEST_START, FORCED_START = 1e-3, 1e-6
"""A start above the first is replaced by the second."""


@dataclass(frozen=True, slots=True)
class AutomagicSettings:
    """What one expert's parameters are trained with. `holds_after_pause`: the fork's first step after a pause."""

    start: float
    bump: float
    floor: float
    ceiling: float
    beta2: float = 0.999
    weight_decay: float = 0.0
    clip: float = 1.0
    holds_after_pause: bool = True

    @property
    def first_rate(self) -> float:
        return FORCED_START if self.start > HIGHEST_START else self.start


@dataclass(frozen=True, slots=True)
class Moved:
    """What the trainer logs of one step: the mean rate, and the share of signs that repeated (None: not compared)."""

    rate: float
    agreement: float | None


class Automagic:
    """The optimizer's state for the tensors of one expert, in one row."""

    def __init__(self, settings: AutomagicSettings, shapes: Sequence[Shape]) -> None:
        self.settings = settings
        self.shapes = tuple(shapes)
        self._sizes = [rows * columns for rows, columns in self.shapes]
        ends = np.cumsum(self._sizes).tolist()
        self._spans = [slice(end - size, end) for size, end in zip(self._sizes, ends, strict=True)]
        self._rows = [np.zeros((rows, 1), np.float32) for rows, _ in self.shapes]
        self._columns = [np.zeros((1, columns), np.float32) for _, columns in self.shapes]
        self._bump = np.array([-settings.bump, settings.bump], np.float32)
        self.rates: Floats = np.full(ends[-1], settings.first_rate, np.float32)
        self._positive = np.zeros(ends[-1], bool)
        self._started = False
        for span in self._spans:
            self._store(span)

    def forget_rates(self) -> None:
        """Lose the state, as a resume does that cannot load it."""
        self.__init__(self.settings, self.shapes)  # type: ignore[misc]

    def step(self, weights: Floats, gradient: Floats, *, after_pause: bool) -> Moved:
        """Move the weights, in place, by one step; `after_pause`: the expert did not train in the step before."""
        update = np.empty_like(gradient)
        for index, span in enumerate(self._spans):
            update[span] = self._normalised(index, gradient[span]).ravel()
        positive = update > 0
        agreement = None
        if not (after_pause and self._started and self.settings.holds_after_pause):
            agreed = positive == self._positive
            agreement = self._mean([float(np.count_nonzero(agreed[span])) for span in self._spans])
            self.rates += self._bump[agreed.view(np.int8)]
        np.clip(self.rates, np.float32(self.settings.floor), np.float32(self.settings.ceiling), out=self.rates)
        self._positive, self._started = positive, True
        rate = self._mean([float(np.add.reduce(self.rates[span])) for span in self._spans])
        update *= self.rates
        if self.settings.weight_decay:
            weights -= np.float32(self.settings.weight_decay) * weights * self.rates
        weights -= update
        for span in self._spans:
            self._store(span)
        return Moved(rate, agreement)

    def _normalised(self, index: int, gradient: Floats) -> Floats:
        """Return the tensor's gradient over its factored second moment, clipped by its root mean square."""
        height, width = self.shapes[index]
        table = gradient.reshape(height, width)
        squared = table * table
        squared += TINY
        rows, columns = self._rows[index], self._columns[index]
        beta2 = np.float32(self.settings.beta2)
        rows *= beta2
        rows += np.add.reduce(squared, axis=1, keepdims=True) * ((1 - beta2) / np.float32(width))
        columns *= beta2
        columns += np.add.reduce(squared, axis=0, keepdims=True) * ((1 - beta2) / np.float32(height))
        mean = np.add.reduce(rows, axis=None) / np.float32(rows.size)
        update: Floats = table * ((rows / mean) ** np.float32(-0.5))
        update *= columns ** np.float32(-0.5)
        norm = float(np.sqrt(np.dot(update.ravel(), update.ravel()) / update.size))
        update /= np.float32(max(norm / self.settings.clip, 1.0))
        return update

    def _mean(self, sums: Sequence[float]) -> float:
        """Return the mean over tensors of their means, of which these are the sums."""
        return sum(each / size for each, size in zip(sums, self._sizes, strict=True)) / len(self._sizes)

    def _store(self, span: slice) -> None:
        """Leave of the tensor's rates what 8 bits can hold."""
        rates = self.rates[span]
        quantum = np.float32(float(rates.max()) / LEVELS) or np.float32(1)
        rates /= quantum
        np.rint(rates, out=rates)
        rates *= quantum

"""Gradients of one expert's LoRA: a constant part, a pull back, the clip's own part, and fresh noise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulation.automagic import Floats, Shape
from simulation.world import ExpertWorld

POOL = 1 << 21
"""Normal numbers drawn once per run; a step takes a stretch of them from a random place."""

SPREAD = 1.0
"""Standard deviation of the natural logarithm of common curvatures."""
STEEPEST = 6e4
"""Curvature of the steepest elements: at a rate of 8e-6 one step undoes half of their way, and signs alternate."""


class Noise:
    """A store of normal noise: drawing it afresh for every step would cost more than the optimizer."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._pool = chance.standard_normal(POOL, dtype=np.float32)

    def draw(self, count: int) -> Floats:
        begin = int(self._chance.integers(0, POOL - count))
        return self._pool[begin : begin + count]


class Gradients:
    """The source of one expert's gradients, and its weights at the start.

    Down matrices (odd ones out: rank x inputs) start uniform within 1/sqrt(inputs), up matrices at zero, as the trainers
    initialise them. While the up matrices are zero, the down matrices have no gradient.
    """

    def __init__(
        self, world: ExpertWorld, clips: int, shapes: Sequence[Shape], noise: Noise, chance: np.random.Generator
    ) -> None:
        self._noise = noise
        self._chance = chance
        self.start, self._down = _start(shapes, chance)
        size = self.start.size
        self._curvature = _curvature(world, size, chance)
        self._signal: Floats = np.float32(world.signal) * chance.standard_normal(size, dtype=np.float32)
        self._fresh = math.sqrt(1 - world.shared)
        self._clips = _clip_parts(clips, size, world.shared, chance)
        self._waiting: list[int] = []
        self._begun = False

    def draw(self, weights: Floats, batches: int) -> Floats:
        """Return the mean gradient of so many batches of one clip each."""
        gradient: Floats = weights - self.start
        gradient *= self._curvature
        gradient += self._noise.draw(weights.size) * np.float32(self._fresh / math.sqrt(batches))
        for _ in range(batches):
            part = self._clips[self._next_clip()]
            gradient += part if batches == 1 else part / np.float32(batches)
        gradient -= self._signal
        if not self._begun:
            gradient[self._down] = 0
            self._begun = True
        return gradient

    def _next_clip(self) -> int:
        """Return the next clip of the epoch: all of them in random order, then anew."""
        if not self._waiting:
            self._waiting = self._chance.permutation(len(self._clips)).tolist()
        return self._waiting.pop()


def _start(
    shapes: Sequence[Shape], chance: np.random.Generator
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the weights at the start, and which of them lie in down matrices (every other one, the first included)."""
    parts, down = [], []
    for index, (rows, columns) in enumerate(shapes):
        own = np.zeros(rows * columns, np.float32)
        if index % 2 == 0:
            own = (2 * chance.random(rows * columns, dtype=np.float32) - 1) / np.float32(math.sqrt(columns))
        parts.append(own)
        down.append(np.full(rows * columns, index % 2 == 0))
    return np.concatenate(parts), np.concatenate(down)


def _curvature(world: ExpertWorld, size: int, chance: np.random.Generator) -> Floats:
    """Return the pull of each element: log-normal, but for the steep ones."""
    common = world.curvature * np.exp(SPREAD * chance.standard_normal(size))
    steep = STEEPEST * (0.5 + 0.5 * chance.random(size))
    return np.where(chance.random(size) < world.steep, steep, common).astype(np.float32)


def _clip_parts(clips: int, size: int, shared: float, chance: np.random.Generator) -> list[Floats]:
    """Return what each clip adds to every gradient of its own; the sum over the clips is zero."""
    if clips < 2 or not shared:
        return [np.zeros(size, np.float32)]
    parts = chance.standard_normal((clips, size), dtype=np.float32)
    parts -= parts.mean(axis=0)
    parts *= np.float32(math.sqrt(shared / (1 - 1 / clips)))
    return list(parts)

"""The optimizer in one row of numbers, against the same rule written out number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.automagic import Automagic, AutomagicSettings

SHAPES = ((2, 5), (4, 2))
FORK = AutomagicSettings(1e-5, 1e-5, 8e-6, 3e-5, beta2=0.9, weight_decay=0.1)
UPSTREAM = AutomagicSettings(1e-5, 1e-5, 8e-6, 3e-5, beta2=0.9, weight_decay=0.1, holds_after_pause=False)


class Element:
    """A single tensor's state, in Python's own numbers."""

    def __init__(self, settings: AutomagicSettings, height: int, width: int) -> None:
        self.own, self.height, self.width = settings, height, width
        self.rows, self.columns = [0.0] * height, [0.0] * width
        self.positive = [[False] * width for _ in range(height)]
        self.rates = [[settings.first_rate] * width for _ in range(height)]

    def step(self, weights: list[list[float]], gradient: list[list[float]], *, compare: bool) -> None:
        own, cells = self.own, [(i, j) for i in range(self.height) for j in range(self.width)]
        squares = [[g * g + 1e-30 for g in row] for row in gradient]
        for i in range(self.height):
            self.rows[i] = own.beta2 * self.rows[i] + (1 - own.beta2) * sum(squares[i]) / self.width
        for j in range(self.width):
            mean = sum(row[j] for row in squares) / self.height
            self.columns[j] = own.beta2 * self.columns[j] + (1 - own.beta2) * mean
        level = sum(self.rows) / self.height
        update = {
            (i, j): gradient[i][j] / math.sqrt(self.rows[i] / level) / math.sqrt(self.columns[j]) for i, j in cells
        }
        norm = max(1.0, math.sqrt(sum(u * u for u in update.values()) / len(cells)) / own.clip)
        for i, j in cells:
            positive = update[i, j] > 0
            if compare:
                self.rates[i][j] += own.bump if positive is self.positive[i][j] else -own.bump
            self.positive[i][j] = positive
            rate = self.rates[i][j] = min(max(self.rates[i][j], own.floor), own.ceiling)
            weights[i][j] -= own.weight_decay * rate * weights[i][j] + update[i, j] / norm * rate
        quantum = max(max(row) for row in self.rates) / 127
        self.rates = [[round(rate / quantum) * quantum for rate in row] for row in self.rates]


@pytest.mark.parametrize("settings", [FORK, UPSTREAM])
def test_the_row_of_numbers_does_what_the_rule_says(settings: AutomagicSettings) -> None:
    chance = np.random.default_rng(4)
    tensors = [chance.standard_normal(shape).astype(np.float32) for shape in SHAPES]
    flat = np.concatenate([tensor.ravel() for tensor in tensors])
    optimizer = Automagic(settings, SHAPES)
    plain = [Element(settings, *shape) for shape in SHAPES]
    lists = [tensor.tolist() for tensor in tensors]
    for step in range(40):
        paused = step in {10, 25}
        gradients = [chance.standard_normal(shape).astype(np.float32) for shape in SHAPES]
        optimizer.step(flat, np.concatenate([each.ravel() for each in gradients]), after_pause=paused)
        for element, weights, gradient in zip(plain, lists, gradients, strict=True):
            element.step(weights, gradient.tolist(), compare=not (paused and settings.holds_after_pause))
        expected = [rate for element in plain for row in element.rates for rate in row]
        assert optimizer.rates.tolist() == pytest.approx(expected, rel=1e-4)
    assert flat.tolist() == pytest.approx([w for weights in lists for row in weights for w in row], rel=1e-5, abs=1e-6)


def test_a_start_too_high_is_forced_down() -> None:
    optimizer = Automagic(AutomagicSettings(2e-3, 1e-6, 1e-7, 1e-3), SHAPES)
    assert optimizer.rates.tolist() == pytest.approx([1e-6] * 18)


def test_lost_rates_begin_anew() -> None:
    optimizer = Automagic(FORK, SHAPES)
    weights = np.zeros(18, np.float32)
    for _ in range(3):
        optimizer.step(weights, np.ones(18, np.float32), after_pause=False)
    assert optimizer.rates.max() > 2e-5
    optimizer.forget_rates()
    assert optimizer.rates.tolist() == pytest.approx([1e-5] * 18)

"""Automagic simulated gradient by gradient: what the closed computation in `diagnose.facts` is held against.

Written from the optimizer's rule, not from the model: signs come from drawn gradients, rates are stored in 8 bits per
tensor, and the first steps of a LoRA are as they are (A has no gradient while B = 0).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from diagnose.facts.outlook.automagic import WalkSettings

TENSORS = 4


@dataclass
class Gradients:
    """A source of gradients whose successive signs agree at a given mean rate.

    Each element has a part of its own under fresh noise: above chance a constant one, below chance one that changes its
    sign at every step. Successive gradients have the correlation that the arcsine law asks for.
    """

    noise: float
    own: torch.Tensor
    flip: bool
    chance: torch.Generator

    @classmethod
    def agreeing(cls, agreement: float, elements: int, seed: int) -> Gradients:
        chance = torch.Generator().manual_seed(seed)
        correlation = math.sin(math.pi * (agreement - 0.5))
        own = math.sqrt(abs(correlation)) * torch.randn(TENSORS, elements, generator=chance)
        return cls(math.sqrt(1 - abs(correlation)), own, correlation < 0, chance)

    def draw(self) -> torch.Tensor:
        if self.flip:
            self.own = -self.own
        return self.own + self.noise * torch.randn(self.own.shape, generator=self.chance)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch from sharing out operations this small, which costs more than it gains."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def stored(rates: torch.Tensor) -> torch.Tensor:
    """Return what is left of the rates after 8-bit storage, each tensor (row) with a scale of its own."""
    scale = rates.max(dim=1, keepdim=True).values / 127
    return (rates / scale).round() * scale


def simulate(
    walk: WalkSettings, agreement: float, moves: int, *, turn: int | None = None, elements: int = 4000, seed: int = 7
) -> list[float]:
    """Return the mean rate as the trainer logs it, after 0, 1, ... moves.

    `turn` is how many steps an expert has before it pauses; the first step after the pause compares no signs. Odd
    tensors are B, even ones A. `elements` are those of one tensor.
    """
    with one_thread():
        return _course(walk, Gradients.agreeing(agreement, elements, seed), moves, turn)


def _course(walk: WalkSettings, gradients: Gradients, moves: int, turn: int | None) -> list[float]:
    elements = gradients.own.shape[1]
    rates = torch.full((TENSORS, elements), walk.start)
    positive = torch.zeros(TENSORS, elements, dtype=torch.bool)
    course = [walk.start]
    step = 0
    while len(course) <= moves:
        gradient = gradients.draw()
        if step == 0:
            gradient[::2] = 0
        signs = gradient > 0
        if step == 0 or turn is None or step % turn:
            moved = rates + torch.where(signs == positive, walk.bump, -walk.bump)
            moved = moved.clamp(walk.floor, walk.ceiling)
            course.append(moved.mean().item())
            rates = stored(moved)
        positive = signs
        step += 1
    return course

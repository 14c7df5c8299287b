"""A run from its first step to its end: who trains, what is logged, what is saved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from diagnose.domains.wan22.experts import Expert
from simulation.adamw import AdamW
from simulation.automagic import Automagic, AutomagicSettings, Floats, Shape
from simulation.deaths import Death
from simulation.events import Events
from simulation.gradients import Gradients, Noise
from simulation.setup import Setup
from simulation.world import ExpertWorld, World

MODULES: Mapping[str, tuple[int, int]] = {
    "diffusion_model.blocks.0.ffn.2": (13824, 5120),
    "diffusion_model.blocks.0.self_attn.q": (5120, 5120),
}
"""Module -> inputs, outputs, in file order: an attention and a feed-forward layer with the widths of WAN 2.2 A14B."""
HARMLESS, HARM = 0.05, 2.0
"""Root mean square of the weights up to which a LoRA does no harm, and the power with which losses grow beyond it."""
BEYOND = 1e3
"""Root mean square of the weights from which the model gives no numbers."""
LEARNING = 500
"""Own steps in which a loss comes two thirds of the way down."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step as the trainer knows it. `loss` is None where it was no number; `rates` hold both experts'."""

    step: int
    expert: Expert
    loss: float | None
    norm: float
    rates: Mapping[Expert, float]
    stability: float


@dataclass(frozen=True, slots=True)
class Save:
    """The weights of each expert as saved at a step, in one row; `final`: after the last step."""

    step: int
    final: bool
    weights: Mapping[Expert, Floats]


@dataclass(frozen=True, slots=True)
class Course:
    """What a run leaves: its rows, its saves, how many steps each expert had, and what ended it early."""

    rows: list[Row]
    saves: list[Save]
    steps: Mapping[Expert, int]
    death: Death | None
    shapes: tuple[Shape, ...]


@dataclass(slots=True)
class Pupil:
    """One expert in training."""

    gradients: Gradients
    optimizer: Automagic | AdamW
    world: ExpertWorld
    gain: float
    chance: np.random.Generator
    weights: Floats
    steps: int = 0
    last: int | None = None
    averaged: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def loss(self, batches: int) -> float:
        """Return the mean loss of so many clips; not finite where the weights have left all bounds."""
        with np.errstate(over="ignore", invalid="ignore"):
            size = math.sqrt(float(np.dot(self.weights, self.weights)) / self.weights.size)
        if not size < BEYOND:
            return math.nan
        width = math.sqrt(math.log1p((self.world.loss_std / self.world.loss_mean) ** 2))
        drawn = np.exp(width * self.chance.standard_normal(batches) - width**2 / 2)
        learned = 1 - self.gain * (1 - math.exp(-self.steps / LEARNING))
        harm: float = max(1.0, size / HARMLESS) ** HARM
        return self.world.loss_mean * learned * float(drawn.mean()) * harm


def lora_shapes(rank: int) -> tuple[Shape, ...]:
    """Return the shapes of an expert's tensors in file order: down matrix, up matrix, module by module."""
    return tuple(shape for ins, outs in MODULES.values() for shape in ((rank, ins), (outs, rank)))


def train(setup: Setup, world: World, events: Events, seed: int) -> Course:
    """Run the training; the same arguments give the same course."""
    noise = Noise(np.random.default_rng([seed, 1]))
    pupils = {side: _pupil(setup, world, side, noise, seed) for side in setup.experts}
    run = _Run(setup, events, pupils)
    death = events.death or setup.death
    end = setup.steps if death is None else min(setup.steps, max(death.step, 0))
    for step in range(end):
        run.step(step)
    finished = end == setup.steps
    if finished:
        run.save(setup.steps, final=True)
    counts = {side: pupil.steps for side, pupil in pupils.items()}
    return Course(run.rows, run.saves, counts, None if finished else death, lora_shapes(setup.rank))


def _pupil(setup: Setup, world: World, side: Expert, noise: Noise, seed: int) -> Pupil:
    shapes = lora_shapes(setup.rank)
    chance = np.random.default_rng([seed, 2, list(Expert).index(side)])
    own = world.experts[side]
    gradients = Gradients(own, world.clips, shapes, noise, chance)
    settings = setup.optimizers[side]
    optimizer = Automagic(settings, shapes) if isinstance(settings, AutomagicSettings) else AdamW(settings, shapes)
    weights = gradients.start.copy()
    return Pupil(gradients, optimizer, own, world.gain, chance, weights, averaged=weights.copy())


class _Run:
    """The loop's state."""

    def __init__(self, setup: Setup, events: Events, pupils: Mapping[Expert, Pupil]) -> None:
        self._setup = setup
        self._events = events
        self._pupils = pupils
        self._rates = dict.fromkeys(Expert, 0.0)
        self._stability = 0.0
        self.rows: list[Row] = []
        self.saves: list[Save] = []

    def step(self, step: int) -> None:
        """Train one step, log it, and save where it is time to."""
        if step == self._events.resumed_at:
            self._resume()
        losses = {}
        for side, batches in self._setup.turns(step).items():
            losses[side] = self._train(side, batches, step)
        expert, loss = next(reversed(losses.items()))
        value = loss if loss is not None and math.isfinite(loss) else None
        norm = 0.0 if value is None else min(value * 0.4, 1e4)
        self.rows.append(Row(step, expert, value, norm, dict(self._rates), self._stability))
        self._average()
        if step and step % self._setup.save_every == 0:
            self.save(step, final=False)

    def save(self, step: int, *, final: bool) -> None:
        """Keep a copy of what the trainer would write now."""
        kept = self._setup.ema is not None
        weights = {side: (own.averaged if kept else own.weights).copy() for side, own in self._pupils.items()}
        self.saves.append(Save(step, final, weights))

    def _train(self, side: Expert, batches: int, step: int) -> float | None:
        pupil = self._pupils[side]
        loss = self._events.bent(pupil.loss(batches * self._setup.batch_size), step)
        if side is Expert.HIGH:
            loss *= self._setup.high_loss
        if not math.isfinite(loss):
            return None  # the trainer puts a zero in its place, which moves nothing
        gradient = pupil.gradients.draw(pupil.weights, batches * self._setup.batch_size)
        paused = pupil.last is not None and step - pupil.last > 1
        moved = pupil.optimizer.step(pupil.weights, gradient, after_pause=paused)
        pupil.steps += 1
        pupil.last = step
        self._rates[side] = moved.rate
        self._stability = self._stability if moved.agreement is None else moved.agreement
        return loss

    def _resume(self) -> None:
        """The process starts anew: pauses are not remembered, and what failed to load is lost."""
        for pupil in self._pupils.values():
            pupil.last = None
            if self._events.rates_lost:
                pupil.optimizer.forget_rates()

    def _average(self) -> None:
        if self._setup.ema is not None:
            for pupil in self._pupils.values():
                pupil.averaged += np.float32(1 - self._setup.ema) * (pupil.weights - pupil.averaged)

"""What a kind of run is, and a run of it written into a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from trainer_names import RELAXIS

from diagnose.core.values import Intent
from simulation.configs import Document, text_of
from simulation.events import Events
from simulation.training import Course
from simulation.world import DOCUMENT, World, jittered
from simulation.writing import write_run

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run.

    Attributes:
        planted: what was done to the run, in words.
        causes: names of findings, any of which names what was done; empty for a healthy run.
        config: makes the config for a seed.
        events: makes what befalls the run.
        cured: whether another config can take the fault away.
        heals: whether that config can make a healthy run as well: upstream has one rate for both experts.
        world: what the seed's world is made of.
        varies: whether each seed has a world of its own; a replica keeps the world, and only the noise is new.
    """

    name: str
    planted: str
    causes: tuple[str, ...]
    config: Callable[[int], Document]
    events: Callable[[int], Events] = field(default=lambda _: Events())
    trainer: str = RELAXIS
    intent: Intent = Intent.MOTION
    cured: bool = True
    heals: bool = True
    world: World = DOCUMENT
    varies: bool = True


@dataclass(frozen=True, slots=True)
class Simulated:
    """A run that has been written."""

    kind: Kind
    folder: Path
    world: World
    course: Course


def simulate_kind(kind: Kind, folder: Path, *, seed: int) -> Simulated:
    """Write a run of a kind into a folder; the seed chooses config, noise and, if it varies, the world."""
    world = jittered(kind.world, seed) if kind.varies else kind.world
    config, events = text_of(kind.config(seed)), kind.events(seed)
    course = write_run(config, folder, trainer=kind.trainer, world=world, events=events, seed=seed)
    return Simulated(kind, folder, world, course)


def pick(seed: int, *choices: Choice) -> Choice:
    """Return one of the choices, the same for the same seed."""
    return choices[int(np.random.default_rng([seed, 9]).integers(len(choices)))]

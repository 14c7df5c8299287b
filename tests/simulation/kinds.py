"""Kinds of runs: what was done to each, what names it, and whether another config cures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from diagnose.model import Intent, Trainer
from simulation.configs import Document, document_run, recipe, text_of
from simulation.deaths import interrupted
from simulation.events import Events
from simulation.training import Course
from simulation.world import DOCUMENT, World, jittered
from simulation.writing import write_run


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run.

    Attributes:
        planted: what was done to the run, in words.
        causes: names of findings, any of which names what was done; empty for a healthy run.
        config: makes the config for a seed.
        events: makes what befalls the run.
        cured: whether a next config can take the fault away.
        world: what the seed's world is made of.
    """

    name: str
    planted: str
    causes: tuple[str, ...]
    config: Callable[[int], Document]
    events: Callable[[int], Events] = field(default=lambda _: Events())
    trainer: Trainer = Trainer.FORK
    intent: Intent = Intent.MOTION
    cured: bool = True
    world: World = DOCUMENT


@dataclass(frozen=True, slots=True)
class Simulated:
    """A run that has been written."""

    kind: Kind
    folder: Path
    world: World
    course: Course


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "document",
            "the document's own run: bumps 1e-5 and 5e-6, stopped at 3070 of 10000 steps",
            ("low-noise-overpowering",),
            lambda _: document_run(),
            lambda _: Events(death=interrupted(3070)),
        ),
        Kind("recommended", "the recommended recipe to the letter", (), lambda _: recipe("recommended")),
        Kind("conservative", "the conservative recipe to the letter", (), lambda _: recipe("conservative")),
    )
}


def simulate(kind: str | Kind, folder: Path, *, seed: int) -> Simulated:
    """Write a run of a kind into a folder; the seed chooses config, world and noise."""
    chosen = KINDS[kind] if isinstance(kind, str) else kind
    world = jittered(chosen.world, seed)
    course = write_run(
        text_of(chosen.config(seed)),
        folder,
        trainer=chosen.trainer,
        world=world,
        events=chosen.events(seed),
        seed=seed,
    )
    return Simulated(chosen, folder, world, course)


def simulate_config(
    config: str, folder: Path, *, seed: int, trainer: Trainer = Trainer.FORK, world: World = DOCUMENT
) -> Course:
    """Write the run that a config text gives in this very world; nothing befalls it."""
    return write_run(config, folder, trainer=trainer, world=world, events=Events(), seed=seed)

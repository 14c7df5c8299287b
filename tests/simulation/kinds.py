"""All kinds of runs by name."""

from __future__ import annotations

from pathlib import Path

from trainer_names import RELAXIS

from simulation.events import Events
from simulation.faults.happening import HAPPENING
from simulation.faults.learning_rates import LEARNING_RATES
from simulation.faults.planning import PLANNING
from simulation.faults.settings import SETTINGS
from simulation.healthy import HEALTHY
from simulation.kind import Kind, Simulated, simulate_kind
from simulation.training import Course
from simulation.world import DOCUMENT, World
from simulation.writing import write_run

FAULTS: dict[str, Kind] = {kind.name: kind for kind in (*LEARNING_RATES, *SETTINGS, *PLANNING, *HAPPENING)}
SOUND: dict[str, Kind] = {kind.name: kind for kind in HEALTHY}
KINDS: dict[str, Kind] = {**FAULTS, **SOUND}


def simulate(kind: str, folder: Path, *, seed: int) -> Simulated:
    """Write a run of a kind into a folder; the seed chooses config, world and noise."""
    return simulate_kind(KINDS[kind], folder, seed=seed)


def simulate_config(config: str, folder: Path, *, seed: int, trainer: str = RELAXIS, world: World = DOCUMENT) -> Course:
    """Write the run that a config text gives in this very world; nothing befalls it."""
    return write_run(config, folder, trainer=trainer, world=world, events=Events(), seed=seed)

"""A simulated run written into a folder, file by file as the trainers write it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from simulation.checkpoints import checkpoint_files
from simulation.console import console, stem
from simulation.events import Events
from simulation.logs import metrics, write_loss_db
from simulation.setup import Setup, read_setup
from simulation.training import Course, train
from simulation.world import World


def write_run(config: str, folder: Path, *, trainer: str, world: World, events: Events, seed: int) -> Course:
    """Train with a config and write everything the trainer would leave in the folder, which is made if need be."""
    setup = read_setup(config, trainer)
    course = train(setup, world, events, seed)
    folder.mkdir(parents=True, exist_ok=True)
    # the trainer writes the config anew, without comments
    text = yaml.safe_dump(yaml.safe_load(config), sort_keys=False)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    (folder / "stdout.log").write_text(console(setup, course, events, world.clips), encoding="utf-8", newline="")
    if events.foreign_log is None:
        _write_log(folder, setup, course)
    else:
        other = read_setup(events.foreign_log, trainer)
        _write_log(folder, other, train(other, world, Events(), seed + 1000))
    for name, data in checkpoint_files(setup, course, events, world.clips):
        (folder / name).write_bytes(data)
    return course


def _write_log(folder: Path, setup: Setup, course: Course) -> None:
    if not setup.forked:
        if setup.log_every is not None:
            write_loss_db(folder / "loss_log.db", setup, course, setup.log_every)
        return
    if not course.rows:
        return
    logged = metrics(setup, course)
    (folder / f"metrics_{setup.name}.jsonl").write_text(logged.text, encoding="utf-8")
    for save in course.saves if setup.phases else []:
        state = logged.states[min(save.step, len(course.rows) - 1)]
        path = folder / f"{stem(setup, save)}_alpha_scheduler.json"
        path.write_text(json.dumps(state, indent=2), encoding="utf-8")

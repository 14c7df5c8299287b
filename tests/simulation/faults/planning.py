"""Faults of length and of what is kept and looked at."""

from __future__ import annotations

from simulation.configs import changed, recipe
from simulation.deaths import interrupted
from simulation.events import Events
from simulation.kind import Kind, pick

RECIPE = recipe("recommended")

PLANNING = (
    Kind(
        "trained-too-long",
        "trained far past the steps at which motion runs are best",
        ("trained-too-long", "steps-configured-too-many"),
        lambda seed: changed(RECIPE, {"train.steps": pick(seed, 3400, 3800, 4200)}),
    ),
    Kind(
        "too-many-steps",
        "10000 steps configured, stopped by hand near the right place",
        ("steps-configured-too-many",),
        lambda seed: changed(RECIPE, {"train.steps": pick(seed, 10000, 6000)}),
        lambda seed: Events(death=interrupted(pick(seed, 2150, 2050, 1950))),
    ),
    Kind(
        "too-few-steps",
        "stopped learning early: far fewer steps than a motion needs",
        ("trained-too-short", "steps-configured-too-few"),
        lambda seed: changed(RECIPE, {"train.steps": pick(seed, 500, 700, 900)}),
    ),
    Kind(
        "saves-too-rare",
        "a save every 500 steps",
        ("save-cadence-too-coarse",),
        lambda seed: changed(RECIPE, {"save.save_every": pick(seed, 500, 400, 550)}),
    ),
    Kind(
        "previews-too-rare",
        "a preview every 700 steps",
        ("sample-cadence-too-coarse",),
        lambda seed: changed(RECIPE, {"sample.sample_every": pick(seed, 700, 500, 1000)}),
    ),
    Kind(
        "best-save-deleted",
        "only the last saves are kept, so that the best may be gone",
        ("best-checkpoint-pruned",),
        lambda seed: changed(RECIPE, {"save.max_step_saves_to_keep": pick(seed, 1, 2)}),
    ),
    Kind(
        "no-previews",
        "previews turned off",
        ("no-previews", "previews-missing"),
        lambda _: changed(RECIPE, {"train.disable_sampling": True}),
    ),
)

"""Runs that are right: the recipes to the letter, and harmless variations of them."""

from __future__ import annotations

from dataclasses import replace

from simulation.configs import changed, recipe
from simulation.events import Events
from simulation.kind import Kind, pick
from simulation.world import DOCUMENT

RECOMMENDED, CONSERVATIVE = recipe("recommended"), recipe("conservative")

HEALTHY = (
    Kind("recommended", "the recommended recipe to the letter", (), lambda _: RECOMMENDED),
    Kind("conservative", "the conservative recipe to the letter", (), lambda _: CONSERVATIVE),
    Kind(
        "other-rank",
        "recommended, at another rank",
        (),
        lambda seed: changed(
            RECOMMENDED, {"network.linear": 1 + pick(seed, 1, 2), "network.linear_alpha": 1 + pick(seed, 1, 2)}
        ),
    ),
    Kind(
        "saves-every-50",
        "recommended, saved every 50 steps",
        (),
        lambda _: changed(RECOMMENDED, {"save.save_every": 50, "save.max_step_saves_to_keep": 60}),
    ),
    Kind(
        "other-blocks",
        "recommended, in shorter turns",
        (),
        lambda seed: changed(RECOMMENDED, {"train.switch_boundary_every": pick(seed, 10, 20, 50)}),
    ),
    Kind(
        "many-clips",
        "recommended, with forty clips",
        (),
        lambda _: RECOMMENDED,
        world=replace(DOCUMENT, clips=40),
    ),
    Kind(
        "few-clips",
        "conservative, with twelve clips",
        (),
        lambda _: CONSERVATIVE,
        world=replace(DOCUMENT, clips=12),
    ),
    Kind(
        "shorter",
        "recommended, with 1900 or 2000 steps",
        (),
        lambda seed: changed(RECOMMENDED, {"train.steps": pick(seed, 1900, 2000)}),
    ),
    Kind(
        "resumed",
        "recommended, stopped once and resumed as it should be",
        (),
        lambda _: RECOMMENDED,
        lambda seed: Events(resumed_at=pick(seed, 901, 1401)),
    ),
)

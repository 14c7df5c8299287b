"""States of the fork's alpha scheduler: JSON with its fields, kinds and numbers damaged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from fuzz.formats import Files, Format, seeds
from fuzz.noise import noisy
from fuzz.trees import as_json, grown_wild

from diagnose.inputs import facts_of, run_inputs
from diagnose.trainers.aitoolkit.alpha_state import read_alpha_state

NAMES = ("x_alpha_scheduler.json", "x_000000020_alpha_scheduler.json", "x_999999999_alpha_scheduler.json")
TREES = [json.loads(text) for text in seeds("*_alpha_scheduler.json")]
MOVE = {"step": 60, "from_phase": "foundation", "to_phase": "balance", "reason": "loss"}
CONFIGS = seeds("config.yaml")
LOSSES = ("global_losses", "gradient_stabilities", "losses")
FEW = 5
"""Of hundreds of losses alike, so that the change falls on the other fields as well."""


def damaged(chance: Random) -> bytes:
    tree = dict(chance.choice(TREES))
    tree |= {name: tree[name][:FEW] for name in tree if isinstance(tree[name], list) and len(tree[name]) > FEW}
    if chance.random() < 0.4:
        moves: Sequence[object] = tree["transition_history"] or [MOVE]
        tree["transition_history"] = [*moves] * chance.choice((1, 2, 3))
    content = as_json(grown_wild(tree, chance), chance)
    return noisy(content, chance) if chance.random() < 0.25 else content


def make(chance: Random) -> Files:
    names = chance.sample(NAMES, chance.choice((1, 1, 2, 3)))
    beside: Files = {"config.yaml": chance.choice(CONFIGS)} if chance.random() < 0.5 else {}
    return {**{name: damaged(chance) for name in names}, **beside}


def _read(folder: Path) -> object:
    return [read_alpha_state(path, run_dir=folder) for path in sorted(folder.glob("*.json"))]


FORMAT = Format(
    make=make,
    read=_read,
    facts=lambda folder: facts_of(run_inputs(folder, None)),
    command=lambda folder: ["postmortem", str(folder), "--format", "json"],
)

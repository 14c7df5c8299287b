"""Configs: real ones in YAML and JSON, with keys, values, nesting, syntax and bytes damaged."""

from __future__ import annotations

from pathlib import Path
from random import Random

import yaml
from fuzz.formats import Files, Format, seeds
from fuzz.noise import noisy
from fuzz.trees import as_json, as_yaml, grown_wild, with_yaml_bits

from diagnose.inputs import config_inputs, facts_of
from diagnose.trainers.rooms import read_config

TEXTS = seeds("config.yaml")
TREES = [yaml.safe_load(text) for text in TEXTS]


def damaged(chance: Random) -> tuple[str, bytes]:
    """Return the name of a config's file, and the config."""
    kind = chance.random()
    if kind < 0.15:
        text = chance.choice(TEXTS)
    elif kind < 0.3:
        text = with_yaml_bits(chance.choice(TEXTS).decode(), chance).encode("utf-8", "surrogatepass")
    elif kind < 0.85:
        text = as_yaml(grown_wild(chance.choice(TREES), chance), chance)
    else:
        return chance.choice(("config.json", "config.jsonc")), _noisy(
            as_json(grown_wild(chance.choice(TREES), chance), chance), chance
        )
    return chance.choice(("config.yaml", "c.yml")), noisy(text, chance) if kind < 0.15 else _noisy(text, chance)


def _noisy(content: bytes, chance: Random) -> bytes:
    return noisy(content, chance) if chance.random() < 0.15 else content


def make(chance: Random) -> Files:
    return dict([damaged(chance)])


def _path(folder: Path) -> Path:
    return next(folder.iterdir())


FORMAT = Format(
    make=make,
    read=lambda folder: read_config(_path(folder)),
    facts=lambda folder: facts_of(config_inputs(_path(folder), None)),
    command=lambda folder: ["preflight", str(_path(folder)), "--format", "json"],
)

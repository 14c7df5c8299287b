"""Project files (`diagnose.yaml`): each key with what no one would write there, unknown keys, YAML's own odd forms."""

from __future__ import annotations

from random import Random

from fuzz.formats import Files, Format, seeds
from fuzz.noise import noisy
from fuzz.trees import as_yaml, grown_wild, with_yaml_bits

from diagnose.inputs import config_inputs, facts_of
from diagnose.sources.project import NAME
from diagnose.sources.project_file import read_project

TREE = {
    "intent": "motion",
    "trainer": "ai-toolkit",
    "motion_words": ["spin", "jump"],
    "dataset": "clips",
    "parameters": {"lr_ratio_min": 2.5, "sample_every": 50, "alpha-too-large.limit": 1},
    "ignore": {"no-previews": "we look at them elsewhere", "LRN001": "known"},
}
CONFIGS = seeds("config.yaml")


def make(chance: Random) -> Files:
    kept = chance.sample(sorted(TREE), chance.randrange(1, len(TREE) + 1))
    tree = {key: TREE[key] for key in kept}
    content = as_yaml(grown_wild(tree, chance) if chance.random() < 0.9 else tree, chance)
    if chance.random() < 0.2:
        content = with_yaml_bits(content.decode("utf-8", "replace"), chance).encode("utf-8", "surrogatepass")
    if chance.random() < 0.2:
        content = noisy(content, chance)
    return {
        NAME: content,
        "config.yaml": chance.choice(CONFIGS),
        "clips/a.mp4": b"no clip",
        "clips/a.txt": b"a man jumps",
    }


FORMAT = Format(
    make=make,
    read=lambda folder: read_project(folder / NAME),
    facts=lambda folder: facts_of(config_inputs(folder / "config.yaml", None)),
    command=lambda folder: ["preflight", str(folder / "config.yaml"), "--format", "json"],
)

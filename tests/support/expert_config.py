"""A config of the fork in which the per-expert rates are in effect: bumps 1e-5 and 5e-6, turns of ten steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from builders import config_of
from trainer_names import RELAXIS

from diagnose.trainers.declared import Config

PARAMS = {
    "lr_bump": 5e-6,
    "min_lr": 8e-6,
    "max_lr": 3e-4,
    "high_noise_lr_bump": 1e-5,
    "high_noise_min_lr": 1e-5,
    "high_noise_max_lr": 3e-4,
    "low_noise_lr_bump": 5e-6,
    "low_noise_min_lr": 8e-6,
    "low_noise_max_lr": 3e-4,
}
SECTIONS: dict[str, dict[str, Any]] = {
    "train": {
        "steps": 300,
        "lr": 1e-5,
        "optimizer": "automagic",
        "optimizer_params": PARAMS,
        "switch_boundary_every": 10,
        "gradient_accumulation": 1,
    },
    "model": {"arch": "wan22_14b_i2v"},
    "network": {"type": "lora", "linear": 64},
    "save": {"save_every": 20, "max_step_saves_to_keep": 4},
}


def configuring(folder: Path) -> Callable[..., Config]:
    """Return what builds the config with some keys of its sections replaced; None leaves a key out."""

    def configure(trainer: str = RELAXIS, **changed: dict[str, Any]) -> Config:
        sections = {name: {**keys, **changed.get(name, {})} for name, keys in SECTIONS.items()}
        kept = {name: {k: v for k, v in keys.items() if v is not None} for name, keys in sections.items()}
        return config_of(folder, trainer, **kept)

    return configure

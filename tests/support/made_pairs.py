"""Runs that train one expert alone, two of which are a pair."""

from __future__ import annotations

from pathlib import Path

from simulation import simulate_config
from simulation.configs import adamw, changed, recipe, text_of, upstream
from trainer_names import AI_TOOLKIT

OTHER = {"high": "low", "low": "high"}


def write_half(folder: Path, expert: str, *, rate: float, steps: int) -> Path:
    """Write a short run of upstream that trains one expert alone, with AdamW; return its folder."""
    folder.mkdir()
    changes = {
        **adamw(rate),
        f"model.model_kwargs.train_{OTHER[expert]}_noise": False,
        "train.steps": steps,
        "save.save_every": 20,
    }
    config = text_of(changed(upstream(recipe("recommended")), changes))
    simulate_config(config, folder, seed=3, trainer=AI_TOOLKIT)
    return folder

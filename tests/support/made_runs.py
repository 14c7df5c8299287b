"""Run folders made by hand: a config of the fork, its metrics file, a console."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

START = datetime(2026, 3, 1)  # noqa: DTZ001 - the trainer writes naive local times
BLOCK = 100

Row = Mapping[str, Any]


def write_config(folder: Path, *, steps: int = 2000, **train: Any) -> None:
    """Write the config of a motion run of both experts with adamw."""
    settings = {
        "batch_size": 1,
        "steps": steps,
        "optimizer": "adamw8bit",
        "lr": 1.0e-4,
        "noise_scheduler": "flowmatch",
        "timestep_type": "linear",
        "switch_boundary_every": BLOCK,
        "dtype": "bf16",
        **train,
    }
    process = {
        "type": "sd_trainer",
        "network": {"type": "lora", "linear": 16, "linear_alpha": 16},
        "save": {"dtype": "bf16", "save_every": 100, "max_step_saves_to_keep": 30},
        "datasets": [{"folder_path": "clips", "num_frames": 33, "resolution": [512]}],
        "train": settings,
        "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
        "sample": {"sampler": "flowmatch", "sample_every": 100, "neg": "", "prompts": ["a walk"]},
    }
    text = yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}})
    (folder / "config.yaml").write_text(text)


def row(step: int, **values: Any) -> dict[str, Any]:
    """Return a row of the fork's metrics as adamw leaves it, a second after the one before."""
    expert = "low_noise" if step // BLOCK % 2 else "high_noise"
    stamp = (START + timedelta(seconds=step)).isoformat()
    loss = 0.1 + step % 7 / 100
    return {"step": step, "timestamp": stamp, "loss": loss, "expert": expert, "learning_rate": 1.0e-4, **values}


def write_metrics(folder: Path, rows: Sequence[Row]) -> None:
    """Write the metrics file of the job."""
    (folder / "metrics_job.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def made_run(folder: Path, steps: int, change: Callable[[int], Row] = lambda _: {}, **train: Any) -> Path:
    """Write a run of so many steps, some rows of it changed, and return its folder."""
    write_config(folder, **train)
    write_metrics(folder, [row(step, **change(step)) for step in range(steps)])
    return folder

"""The disk that the saves of the next run take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Report, Settings, next_config
from diagnose.core.model import Intent, Trainer
from diagnose.verdict.disk import size

TRAIN = {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 2200, "noise_scheduler": "flowmatch", "timestep_type": "linear"}


def planned(folder: Path, *, split: bool = False, **sections: Any) -> Report:
    process = {
        "type": "sd_trainer",
        "network": {"type": "lora", "linear": 64},
        "save": {"save_every": 250, "max_step_saves_to_keep": 4},
        "train": TRAIN,
        "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
        **sections,
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    return next_config(path, Settings(intent=Intent.MOTION, trainer=Trainer.UPSTREAM, split=split))


def test_the_sum_is_told_where_the_saves_change(tmp_path: Path) -> None:
    plan = planned(tmp_path).next
    assert plan.disk is not None
    assert plan.disk.words == "22 pairs at 1.2 GB = 27 GB"
    kept = next(change for change in plan.changes if change.path == "save.max_step_saves_to_keep")
    assert kept.new == 22
    assert kept.because.endswith("; 22 pairs at 1.2 GB = 27 GB")


def test_two_runs_take_what_one_of_both_takes(tmp_path: Path) -> None:
    disk = planned(tmp_path, split=True).next.disk
    assert disk is not None
    assert disk.words == "22 files at 613 MB = 13 GB"


def test_a_fine_cadence_is_made_coarser_and_fills_no_disk(tmp_path: Path) -> None:
    plan = planned(tmp_path, save={"save_every": 20, "max_step_saves_to_keep": 4}).next
    assert plan.config is not None
    save = yaml.safe_load(plan.config)["config"]["process"][0]["save"]
    assert save["max_step_saves_to_keep"] <= 22


@pytest.mark.parametrize(
    "network",
    [{"type": "lokr", "linear": 64}, {"type": "lora", "linear": 64, "network_kwargs": {"only_if_contains": ["attn1"]}}],
)
def test_what_is_not_known_exactly_is_left_out(tmp_path: Path, network: dict[str, Any]) -> None:
    assert planned(tmp_path, network=network).next.disk is None


@pytest.mark.parametrize(
    ("count", "words"),
    [(1.2268e9, "1.2 GB"), (26.99e9, "27 GB"), (132e9, "132 GB"), (1.5e12, "1.5 TB"), (1.5e6, "1.5 MB"), (900, "1 kB")],
)
def test_sizes_read_as_on_a_disk(count: float, words: str) -> None:
    assert size(count) == words

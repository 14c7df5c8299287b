"""This config beside the next one: the steps compared, and whether the ratio is the one wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Intent
from diagnose.verdict.next.next_config import Outlook, Reach

WAN = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}
SHARED = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
TRAIN = {"optimizer": "automagic", "lr": 1e-5, "steps": 10000, "noise_scheduler": "flowmatch",
         "switch_boundary_every": 100, "optimizer_params": SHARED}  # fmt: skip
FORK = Settings(trainer=RELAXIS, intent=Intent.MOTION)


def report(folder: Path, chosen: Settings = FORK, **train: Any) -> Report:
    entry = {"type": "sd_trainer", "train": {**TRAIN, **train}, "model": WAN}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [entry]}}))
    return next_config(path, chosen)


def reaches(rows: tuple[Outlook, ...]) -> list[Reach | None]:
    return [row.reach for row in rows]


def test_both_strategies_stand_beside_this_config(tmp_path: Path) -> None:
    plan = report(tmp_path).next
    assert [row.config for row in plan.outlook] == ["this config", "recommended", "conservative"]
    assert reaches(plan.outlook) == [Reach.UNDER, Reach.WITHIN, Reach.WITHIN]
    assert plan.lr_ratio_wanted == (3.0, 5.0)
    assert plan.forecast is not None
    assert plan.outlook[1].lr_ratio == plan.forecast.points[-1].lr_ratio


def test_a_longer_run_is_compared_where_the_next_one_ends(tmp_path: Path) -> None:
    this, recommended, _ = report(tmp_path).next.outlook
    assert recommended.step == 2200
    assert this.step == 2200, "like is set beside like"


def test_the_forecast_is_that_of_the_emitted_text(tmp_path: Path) -> None:
    plan = report(tmp_path).next
    assert plan.config is not None
    (tmp_path / "next.yaml").write_text(plan.config)
    assert preflight(tmp_path / "next.yaml", FORK).forecast == plan.forecast


def test_a_ratio_that_is_missed_even_so_is_marked(tmp_path: Path) -> None:
    wanted = {"lr_ratio_min": "80", "lr_ratio_max": "90"}
    found = report(tmp_path, Settings(trainer=RELAXIS, intent=Intent.MOTION, parameters=wanted))
    assert reaches(found.next.outlook) == [Reach.UNDER, Reach.UNDER, Reach.UNDER]


def test_the_recipes_follow_the_ratio_that_is_wanted(tmp_path: Path) -> None:
    for wanted in ({"lr_ratio_min": "4.5"}, {"lr_ratio_max": "4"}):
        found = report(tmp_path, Settings(trainer=RELAXIS, intent=Intent.MOTION, parameters=wanted))
        assert reaches(found.next.outlook) == [Reach.UNDER, Reach.WITHIN, Reach.WITHIN]


def test_the_agreement_asked_for_counts_for_the_next_config_too(tmp_path: Path) -> None:
    low, high = (
        report(tmp_path, Settings(trainer=RELAXIS, intent=Intent.MOTION, agreement=agreement)).next.outlook[1]
        for agreement in (0.45, 0.55)
    )
    slow, fast = low.lr["high"], high.lr["high"]
    assert slow is not None
    assert fast is not None
    assert slow < fast


@pytest.mark.parametrize("intent", [Intent.CHARACTER, Intent.STYLE])
def test_no_ratio_is_wanted_of_other_intents(tmp_path: Path, intent: Intent) -> None:
    plan = report(tmp_path, Settings(trainer=RELAXIS, intent=intent)).next
    assert plan.lr_ratio_wanted is None
    assert reaches(plan.outlook) == [None, None, None]


def test_the_ratio_holds_from_the_first_step_shown(tmp_path: Path) -> None:
    this, recommended, _ = report(tmp_path).next.outlook
    assert this.wanted_from is None
    assert recommended.wanted_from == 200


def test_what_the_user_can_say_is_waited_for(tmp_path: Path) -> None:
    plan = report(tmp_path, Settings(intent=Intent.MOTION), optimizer="adamw", optimizer_params=None).next
    assert "two-runs-upstream" in [each.name for each in plan.waiting]
    assert all("--trainer" in need for each in plan.waiting for need in each.needs)
    assert plan.outlook[1].note == "adamw trains both experts at one rate"
    assert reaches(plan.outlook) == [Reach.UNDER] * 3


ADAMW = {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 2200, "noise_scheduler": "flowmatch", "timestep_type": "linear"}


def planned(folder: Path, *, split: bool = False, **sections: Any) -> Report:
    process = {
        "type": "sd_trainer",
        "network": {"type": "lora", "linear": 64},
        "save": {"save_every": 250, "max_step_saves_to_keep": 4},
        "train": ADAMW,
        "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
        **sections,
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    return next_config(path, Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT, split=split))


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
    assert disk.words == "22 files at 614 MB = 13 GB"


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

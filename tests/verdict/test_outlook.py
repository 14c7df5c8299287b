"""This config beside the next one: the steps compared, and whether the ratio is the one wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.model import Intent, Trainer
from diagnose.verdict.planned import Outlook, Reach

WAN = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}
SHARED = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
TRAIN = {"optimizer": "automagic", "lr": 1e-5, "steps": 10000, "noise_scheduler": "flowmatch",
         "switch_boundary_every": 100, "optimizer_params": SHARED}  # fmt: skip
FORK = Settings(trainer=Trainer.FORK, intent=Intent.MOTION)


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
    found = report(tmp_path, Settings(trainer=Trainer.FORK, intent=Intent.MOTION, parameters=wanted))
    assert reaches(found.next.outlook) == [Reach.UNDER, Reach.UNDER, Reach.UNDER]


def test_the_recipes_follow_the_ratio_that_is_wanted(tmp_path: Path) -> None:
    for wanted in ({"lr_ratio_min": "4.5"}, {"lr_ratio_max": "4"}):
        found = report(tmp_path, Settings(trainer=Trainer.FORK, intent=Intent.MOTION, parameters=wanted))
        assert reaches(found.next.outlook) == [Reach.UNDER, Reach.WITHIN, Reach.WITHIN]


def test_the_agreement_asked_for_counts_for_the_next_config_too(tmp_path: Path) -> None:
    low, high = (
        report(tmp_path, Settings(trainer=Trainer.FORK, intent=Intent.MOTION, agreement=agreement)).next.outlook[1]
        for agreement in (0.45, 0.55)
    )
    assert low.lr_high is not None
    assert high.lr_high is not None
    assert low.lr_high < high.lr_high


@pytest.mark.parametrize("intent", [Intent.CHARACTER, Intent.STYLE])
def test_no_ratio_is_wanted_of_other_intents(tmp_path: Path, intent: Intent) -> None:
    plan = report(tmp_path, Settings(trainer=Trainer.FORK, intent=intent)).next
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

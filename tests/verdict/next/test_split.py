"""Two configs in place of one: what each gets, and what cannot be split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose import Report, Settings, next_config
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Intent
from diagnose.report.formats import render
from diagnose.verdict.next.next_config import Reach

CHOSEN = Settings(trainer=AI_TOOLKIT, intent=Intent.MOTION, split=True)
WAN = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}
ADAMW = {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 2200, "noise_scheduler": "flowmatch"}
AUTOMAGIC = {**ADAMW, "optimizer": "automagic", "lr": 1e-5}


def report(
    folder: Path, train: dict[str, Any], chosen: Settings = CHOSEN, process: dict[str, Any] | None = None, **job: Any
) -> Report:
    entry = {"type": "sd_trainer", "train": train, "model": WAN, **(process or {})}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", **job, "process": [entry]}}))
    return next_config(path, chosen)


def configs(found: Report) -> list[dict[str, Any]]:
    assert found.next.config is None
    return [yaml.safe_load(each.config)["config"] for each in found.next.configs]


@pytest.mark.parametrize(("strategy", "low_rate"), [("recommended", 2.5e-5), ("conservative", 3.33e-5)])
def test_the_high_noise_expert_keeps_the_users_rate(tmp_path: Path, strategy: str, low_rate: float) -> None:
    found = report(tmp_path, ADAMW, replace(CHOSEN, strategy=strategy))
    high, low = configs(found)
    assert (high["name"], low["name"]) == ("wave_high", "wave_low")
    assert (high["process"][0]["train"]["lr"], low["process"][0]["train"]["lr"]) == (1e-4, low_rate)
    assert high["process"][0]["train"]["steps"] == low["process"][0]["train"]["steps"] == 1100
    this, *pairs = found.next.outlook
    assert this.lr_ratio == 1
    assert [pair.reach for pair in pairs] == [Reach.WITHIN, Reach.WITHIN]


def test_automagic_gets_the_recipe_in_its_shared_keys(tmp_path: Path) -> None:
    keys = {"high_noise_lr_bump": 1e-5, "low_noise_lr_bump": 5e-6, "beta2": 0.999}
    found = report(tmp_path, {**AUTOMAGIC, "optimizer_params": keys})
    high, low = (each["process"][0]["train"]["optimizer_params"] for each in configs(found))
    assert high == {"beta2": 0.999, "lr_bump": 2e-5, "min_lr": 2e-5, "max_lr": 5e-4}
    assert low == {"beta2": 0.999, "lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
    assert found.next.outlook[1].step == 1100
    assert found.next.outlook[1].lr_ratio == pytest.approx(4.7, abs=0.1)


def test_every_rate_that_counts_is_lowered(tmp_path: Path) -> None:
    _, low = configs(report(tmp_path, {**ADAMW, "unet_lr": 2e-4}))
    assert (low["process"][0]["train"]["lr"], low["process"][0]["train"]["unet_lr"]) == (2.5e-5, 5e-5)


def test_a_process_with_a_name_of_its_own_gets_another_too(tmp_path: Path) -> None:
    high, low = configs(report(tmp_path, ADAMW, process={"name": "surf"}))
    assert (high["process"][0]["name"], low["process"][0]["name"]) == ("surf_high", "surf_low")


def test_without_a_name_to_change_none_is_made_up(tmp_path: Path) -> None:
    found = report(tmp_path, ADAMW, name=None)
    assert [each.name for each in found.next.configs] == [None, None]


def test_the_advice_to_split_is_not_repeated(tmp_path: Path) -> None:
    one = report(tmp_path, ADAMW, replace(CHOSEN, split=False))
    two = report(tmp_path, ADAMW)
    assert any("--split" in change.because for change in one.next.changes)
    assert not any("--split" in change.because for change in two.next.changes)
    assert one.next.apart
    assert not two.next.apart
    assert {item.part for item in two.plan} - {item.part for item in one.plan} == {"split"}


@pytest.mark.parametrize(
    ("chosen", "train", "process", "why"),
    [
        ({"intent": Intent.STYLE}, ADAMW, {}, "intent is motion"),
        ({"trainer": RELAXIS}, ADAMW, {}, "its own rates in one run"),
        ({}, {**ADAMW, "optimizer": "prodigy"}, {}, "prodigy adapts"),
        ({}, {**ADAMW, "optimizer": "automagic3"}, {}, "automagic3 adapts"),
        ({}, {"optimizer": "adafactor", "steps": 2200}, {}, "lr is not written"),
        ({}, ADAMW, {"model": {**WAN, "arch": "flux"}}, "no two experts"),
        ({}, ADAMW, {"model": {**WAN, "model_kwargs": {"train_low_noise": False}}}, "one expert alone already"),
    ],
    ids=str,
)
def test_what_cannot_be_split_is_refused_with_a_reason(
    tmp_path: Path, chosen: dict[str, Any], train: dict[str, Any], process: dict[str, Any], why: str
) -> None:
    with pytest.raises(DiagnoseError, match=rf"^split: .*{why}"):
        report(tmp_path, train, replace(CHOSEN, **chosen), process)


def test_two_runs_that_are_advised_are_those_that_split_writes() -> None:
    """Two rates are what they are for: what broke the run does not put off their steps, which they change anyway."""
    run = Path(__file__).parents[2] / "runs" / "data" / "upstream-refused-key"
    chosen = Settings(intent=Intent.MOTION)
    one, two = (next_config(run, replace(chosen, split=split)).next for split in (False, True))
    assert one.advised is not None
    assert [each.config for each in one.advised.configs] == [each.config for each in two.configs]
    assert "train.steps" in {each.change.path for each in one.later}
    assert "train.steps" not in {each.change.path for each in one.shown.later}
    steps = [change.new for each in one.advised.configs for change in each.changes if change.path == "train.steps"]
    assert steps == [1100, 1100]


def test_where_two_runs_are_advised_they_are_what_is_shown(tmp_path: Path) -> None:
    found = report(tmp_path, ADAMW, replace(CHOSEN, split=False))
    two = report(tmp_path, ADAMW)
    assert found.next.config is not None
    assert found.next.advised is not None
    assert found.next.advised.configs == two.next.configs
    assert found.next.shown.outlook == two.next.outlook
    page = render(found, "markdown", full=True)
    assert "Neither strategy" not in page
    assert "Second best: one run of both experts" in page
    assert "To, for the low-noise expert" in page
    assert "Create two configs, one per expert" in render(found, "terminal")

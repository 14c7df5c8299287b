"""What the rates will do under a config, or the reason why that cannot be told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from builders import config_of, model
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.expectation import expect, rate_alone

WAN = {"arch": "wan22_14b_i2v"}
SHARED = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
RECIPE = {**SHARED, "high_noise_lr_bump": 2e-5, "high_noise_min_lr": 2e-5, "high_noise_max_lr": 5e-4}
AUTOMAGIC = {"optimizer": "automagic", "lr": 1e-5, "steps": 2200, "switch_boundary_every": 100}


def test_the_recipe_comes_to_the_ratio_that_motion_wants(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={**AUTOMAGIC, "optimizer_params": RECIPE}, model=WAN)
    found = expect(config, model(), model().rates(config), 0.486)
    assert found.forecast is not None
    assert found.forecast.points[-1].lr_ratio == pytest.approx(4.7, abs=0.1)
    assert (found.steady_ratio, found.why_not) == (None, "")


@pytest.mark.parametrize(
    ("trainer", "train", "wan", "ratio", "why"),
    [
        (RELAXIS, {"optimizer": "adamw", "lr": 1e-4, "steps": 2200}, WAN, 1.0, "adamw trains both experts at one"),
        (None, {"optimizer": "adamw", "lr": 1e-4, "steps": 2200}, WAN, 1.0, "adamw trains both experts at one"),
        (RELAXIS, {"optimizer": "prodigy", "lr": 1, "steps": 2200}, WAN, None, "prodigy adapts .* not modelled"),
        (RELAXIS, {"optimizer": "automagic2", "steps": 2200}, WAN, None, "automagic2 adapts .* not modelled"),
        (RELAXIS, AUTOMAGIC, {"arch": "flux"}, None, "flux is no architecture of two"),
        (RELAXIS, {"optimizer": "adamw", "lr": 1e-4}, {"arch": "flux"}, None, "flux is no architecture of two"),
        (RELAXIS, AUTOMAGIC, {**WAN, "model_kwargs": {"train_low_noise": False}}, None, "trained alone"),
        (AI_TOOLKIT, {**AUTOMAGIC, "optimizer_params": RECIPE}, WAN, None, "does not start: .*does not know"),
        (None, AUTOMAGIC, WAN, None, "--trainer"),
        (RELAXIS, {**AUTOMAGIC, "steps": 60}, WAN, None, "60 steps are too few"),
        (RELAXIS, {**AUTOMAGIC, "lr": "fast"}, WAN, None, "cannot be used"),
    ],
    ids=str,
)
def test_where_there_is_no_forecast_the_reason_is_told(
    tmp_path: Path,
    trainer: str | None,
    train: dict[str, Any],
    wan: dict[str, Any],
    *,
    ratio: float | None,
    why: str,
) -> None:
    config = config_of(tmp_path, trainer or AI_TOOLKIT, train=train, model=wan)
    known = model(trainer) if trainer else None
    found = expect(config, known, config.model.rates(config, decided=known is not None), 0.486)
    assert found.forecast is None
    assert found.steady_ratio == ratio
    assert re.search(why, found.why_not)


def alone(folder: Path, expert: Expert, **train: Any) -> float | None:
    kwargs = {f"train_{each.value}_noise": each is expert for each in Expert}
    config = config_of(folder, AI_TOOLKIT, train=train, model={**WAN, "model_kwargs": kwargs})
    return rate_alone(config, model(AI_TOOLKIT), expert, 0.486)


def test_an_expert_alone_moves_at_every_step_and_by_the_shared_keys(tmp_path: Path) -> None:
    settings = {**AUTOMAGIC, "steps": 1100}
    high = alone(tmp_path, Expert.HIGH, **settings, optimizer_params={"lr_bump": 2e-5, "min_lr": 2e-5, "max_lr": 5e-4})
    low = alone(tmp_path, Expert.LOW, **settings, optimizer_params=SHARED)
    assert high is not None
    assert low is not None
    assert 3 <= high / low <= 5


def test_another_optimizer_keeps_the_rate_as_written(tmp_path: Path) -> None:
    assert alone(tmp_path, Expert.HIGH, optimizer="adamw8bit", lr=2e-4, steps=1100) == 2e-4
    assert alone(tmp_path, Expert.HIGH, optimizer="prodigy", lr=1, steps=1100) is None

"""Written rates beside the usual ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import TARGETS, config_of, facts_of, recorder

from diagnose.core.values import Scalar
from diagnose.facts.config.learning_rates import record_written_rates

WAN: dict[str, Any] = {"model": {"arch": "wan22_14b_i2v"}, "network": {"type": "lora", "linear": 64}}


def facts(folder: Path, train: dict[str, Any], **sections: Any) -> dict[tuple[str, str], Scalar | None]:
    record = recorder()
    record_written_rates(config_of(folder, train=train, **{**WAN, **sections}), TARGETS.usual_rates, record)
    return {
        (name.removeprefix("config.rate_"), subject): fact.value
        for (name, subject), fact in facts_of(record).items()
        if fact.known
    }


@pytest.mark.parametrize(
    ("train", "path", "due"),
    [
        ({"optimizer": "adamw", "lr": 1e20}, "train.lr", (1e12, 1e12, "far above the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "AdamW8bit", "lr": 2e-2}, "train.lr", (66.7, 66.7, "far above the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "adamw", "lr": 1e-6}, "train.lr", (20, 1, "far below the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "adamw", "lr": 1e-4}, "train.lr", (1, 1, "inside the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "adamw", "lr": 0}, "train.lr", (1e12, 1, "far below the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "adamw", "lr": float("inf")}, "train.lr", (1e12, 1e12, "far above the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "lion", "lr": 1e-6}, "train.lr", (1, 1, "inside the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "lion", "lr": 3.0}, "train.lr", (1e4, 1e4, "far above the usual 2e-5 to 3e-4", 1e-4)),
        ({"optimizer": "prodigy", "lr": 1}, "train.lr", (1, 1, "inside the usual 0.5 to 1", 1)),
        ({"optimizer": "prodigy", "lr": 1e20}, "train.lr", (1e12, 1e12, "far above the usual 0.5 to 1", 1)),
        (
            {"optimizer": "automagic", "optimizer_params": {"max_lr": 1e-6}},
            "train.optimizer_params.max_lr", (100, 1, "far below the usual 1e-4 to 0.001", 1e-4),
        ),
        (
            {"optimizer": "automagic", "optimizer_params": {"high_noise_min_lr": 1e-2}},
            "train.optimizer_params.high_noise_min_lr", (500, 500, "far above the usual 1e-7 to 2e-5", 2e-5),
        ),
        (
            {"optimizer": "automagic", "optimizer_params": {"low_noise_lr_bump": 1e-8}},
            "train.optimizer_params.low_noise_lr_bump", (100, 1, "far below the usual 1e-6 to 2e-5", 1e-6),
        ),
        (
            {"optimizer": "automagic", "optimizer_params": {"min_lr": 1e-12}},
            "train.optimizer_params.min_lr", (1, 1, "inside the usual 1e-7 to 2e-5", 1e-7),
        ),
    ],
)  # fmt: skip
def test_a_rate_is_measured_against_the_usual_range_of_its_kind(
    tmp_path: Path, train: dict[str, Any], path: str, due: tuple[float, float, str, float]
) -> None:
    found, (outside, above, usual, sane) = facts(tmp_path, train), due
    assert found["outside", path] == pytest.approx(outside, rel=0.01)
    assert found["above", path] == pytest.approx(above, rel=0.01)
    assert found["usual", path] == usual
    assert found["sane", path] == pytest.approx(sane)


def test_a_low_rate_of_another_model_or_without_a_lora_may_be_right(tmp_path: Path) -> None:
    train = {"optimizer": "adamw", "lr": 1e-6}
    assert facts(tmp_path, train, model={"arch": "flux"})["outside", "train.lr"] == 1
    assert facts(tmp_path, train, network={})["outside", "train.lr"] == 1


@pytest.mark.parametrize("lr", [None, "fast", float("nan"), -1e-4, True])
def test_what_is_no_rate_is_not_measured(tmp_path: Path, lr: object) -> None:
    assert facts(tmp_path, {"optimizer": "adamw", "lr": lr}) == {}


def test_a_low_rate_of_one_expert_alone_may_be_its_share_of_the_ratio(tmp_path: Path) -> None:
    model = {"arch": "wan22_14b_i2v", "model_kwargs": {"train_high_noise": False}}
    found = facts(tmp_path, {"optimizer": "adamw", "lr": 5e-6}, model=model)
    assert found["outside", "train.lr"] == 1


def test_the_start_of_automagic_is_a_start_only(tmp_path: Path) -> None:
    assert facts(tmp_path, {"optimizer": "automagic", "lr": 1e20}) == {}

"""Parameters that the optimizer refuses, and those that it counts with."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import config_of, facts_of, model, recorder
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.model import Fact
from diagnose.facts.config.key_faults import record_refused_parameters, record_values
from diagnose.facts.recorder import NONE
from diagnose.trainers.aitoolkit.expert_rates import effective_rates

RATES = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
OWN = {f"{side}_noise_{bound}": value for side in ("high", "low") for bound, value in RATES.items()}
PREFIX = "train.optimizer_params."


def facts(folder: Path, trainer: str = RELAXIS, **train: Any) -> dict[tuple[str, str], Fact]:
    record = recorder()
    config = config_of(folder, trainer, train=train, model={"arch": "wan22_14b_i2v"})
    record_refused_parameters(config, model(trainer), record)
    record_values(config, model(trainer), effective_rates(config, model(trainer)), record)
    return {key: fact for key, fact in facts_of(record).items() if fact.known}


def refused(folder: Path, name: str = "config.refused_parameter", **train: Any) -> set[str]:
    return {subject.removeprefix(PREFIX) for fact, subject in facts(folder, **train) if fact == name}


@pytest.mark.parametrize(
    ("optimizer", "params", "expected"),
    [
        ("adamw", {**RATES, "weight_decay": 0.01, "beta2": 0.99}, {"lr_bump", "min_lr", "max_lr", "beta2"}),
        ("AdamW8bit", {"betas": [0.9, 0.99], "eps": 1e-8}, {"eps"}),
        ("adamw8", {"decouple": True, "weight_decay": 0}, {"decouple"}),
        ("adam8", {"decouple": True}, {NONE}),
        ("automagic", {**RATES, **OWN, "eps": [1e-30, 1e-3]}, {NONE}),
        ("automagic", {"decouple": True, "d_coef": 1, "lr": 1e-5}, {"decouple", "d_coef", "lr"}),
        ("prodigy", {"decouple": True, "use_bias_correction": True, "slice_p": 11}, {NONE}),
        ("prodigy8bit", {"slice_p": 11}, {"slice_p"}),
        ("adafactor", {"relative_step": False, "lr_bump": 1e-6}, {"lr_bump"}),
        ("lion8bit", {"betas": [0.9, 0.99], "eps": 1e-8}, {"eps"}),
        ("adamw", {"high_noise_lr_bump": 1e-5}, {NONE}),
        ("lion", {"lr_bump": 1e-6}, set()),
        ("automagic2", {"lr_bump": 1e-6}, set()),
    ],
)
def test_what_the_optimizer_refuses(tmp_path: Path, optimizer: str, params: dict[str, Any], expected: set[str]) -> None:
    assert refused(tmp_path, optimizer=optimizer, optimizer_params=params) == expected


def test_upstream_has_optimizers_of_its_own(tmp_path: Path) -> None:
    found = facts(tmp_path, AI_TOOLKIT, optimizer="automagic3", optimizer_params={"lr_bump": 1e-6})
    why = found["config.refused_parameter", f"{PREFIX}lr_bump"]
    assert why.value == "automagic3 takes no such parameter"
    assert "automagic3.py:178-190" in why.note


def test_what_the_trainer_gives_itself_is_told_apart(tmp_path: Path) -> None:
    found = facts(tmp_path, optimizer="adamw", optimizer_params={"eps": 1e-8})
    assert found["config.refused_parameter", f"{PREFIX}eps"].value == "the trainer gives it itself"


def test_what_automagic_would_refuse_of_another_optimizers_parameters(tmp_path: Path) -> None:
    params = {"weight_decay": 0.01, "d_coef": 1}
    name = "config.refused_by_automagic"
    assert refused(tmp_path, name, optimizer="prodigy", optimizer_params=params) == {"d_coef"}
    assert refused(tmp_path, name, optimizer="adamw") == {NONE}


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "adagrad"])
def test_torch_takes_what_is_said_of_it(optimizer: str) -> None:
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "adagrad": torch.optim.Adagrad}[optimizer]
    known = model().optimizer(optimizer)
    assert known is not None
    names = signature(kind).parameters.keys()
    assert known.takes - {"decoupled_weight_decay"} <= names
    assert known.given <= names


def quoted(folder: Path, **train: Any) -> dict[str, object]:
    found = facts(folder, **train)
    return {
        subject.removeprefix(PREFIX): f.value for (name, subject), f in found.items() if name == "config.number_meant"
    }


@pytest.mark.parametrize(
    ("train", "expected"),
    [
        ({"lr": "1.0e-4", "optimizer": "adamw"}, {"train.lr": 1e-4}),
        ({"lr": "fast", "optimizer": "adamw"}, {}),
        ({"optimizer": "adamw", "optimizer_params": {"weight_decay": "0.01"}}, {"weight_decay": 0.01}),
        ({"optimizer": "adamw", "optimizer_params": {"lr_bump": "0.01"}}, {}),
        ({"optimizer": "automagic", "optimizer_params": {"min_lr": "0"}}, {"min_lr": 0}),
        (
            {"optimizer": "automagic", "optimizer_params": {**RATES, **OWN, "high_noise_lr_bump": "2.0e-5"}},
            {"high_noise_lr_bump": 2e-5},
        ),
        ({"optimizer": "automagic", "optimizer_params": {"high_noise_lr_bump": "2.0e-5"}}, {}),
        ({"optimizer": "automagic", "optimizer_params": {**RATES, **OWN, "lr_bump": "2.0e-5"}}, {}),
    ],
)
def test_numbers_in_quotes_that_are_counted_with(
    tmp_path: Path, train: dict[str, Any], expected: dict[str, float]
) -> None:
    assert quoted(tmp_path, **train) == expected


def test_no_rate_is_in_effect_where_one_is_text(tmp_path: Path) -> None:
    params = {**RATES, **OWN, "high_noise_lr_bump": "2.0e-5"}
    config = config_of(
        tmp_path, train={"optimizer": "automagic", "optimizer_params": params}, model={"arch": "wan22_14b_i2v"}
    )
    rates = effective_rates(config, model())
    assert rates is not None
    assert rates.ratio is None
    assert rates.bounds == {}

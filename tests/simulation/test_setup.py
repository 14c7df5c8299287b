"""What the simulated trainers make of a config."""

from __future__ import annotations

from typing import Any

import pytest
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from simulation.automagic import AutomagicSettings
from simulation.configs import changed, rates, recipe, text_of, upstream
from simulation.deaths import BEFORE_TRAINING
from simulation.setup import Setup, read_setup

RECIPE = recipe("recommended")
PARAMS = "train.optimizer_params"


def setup_of(changes: dict[str, Any], trainer: str = RELAXIS) -> Setup:
    return read_setup(text_of(changed(RECIPE, changes)), trainer)


def bounds(setup: Setup, expert: Expert) -> tuple[float, float, float]:
    settings = setup.optimizers[expert]
    assert isinstance(settings, AutomagicSettings)
    return settings.bump, settings.floor, settings.ceiling


def test_keys_of_one_expert_count_beside_the_shared_ones() -> None:
    setup = setup_of({})
    assert bounds(setup, Expert.HIGH) == (2e-5, 2e-5, 5e-4)
    assert bounds(setup, Expert.LOW) == (5e-6, 5e-6, 1e-4)


def test_keys_of_one_expert_alone_are_dropped() -> None:
    own = {key: value for key, value in rates((2e-5, 2e-5, 5e-4), (5e-6, 5e-6, 1e-4)).items() if "noise" in key}
    assert bounds(setup_of({PARAMS: own}), Expert.HIGH) == (1e-6, 1e-7, 1e-3)


def test_an_expert_trained_alone_gets_the_shared_keys() -> None:
    setup = setup_of({"model.model_kwargs.train_low_noise": False})
    assert setup.experts == (Expert.HIGH,)
    assert bounds(setup, Expert.HIGH) == (5e-6, 5e-6, 1e-4)
    assert set(setup.turns(150)) == {Expert.HIGH}


def test_turns_count_batches() -> None:
    setup = setup_of({"train.gradient_accumulation": 4})
    assert [next(iter(setup.turns(step))) for step in (0, 24, 25, 49, 50)] == [
        Expert.HIGH,
        Expert.HIGH,
        Expert.LOW,
        Expert.LOW,
        Expert.HIGH,
    ]


@pytest.mark.parametrize(
    ("changes", "trainer", "step", "error"),
    [
        ({}, AI_TOOLKIT, BEFORE_TRAINING, "high_noise_lr_bump"),
        ({"train.optimizer": "adamw"}, RELAXIS, BEFORE_TRAINING, "lr_bump"),
        ({"train.min_snr_gamma": 5}, RELAXIS, 0, "alphas_cumprod"),
        ({"sample.neg": None}, RELAXIS, BEFORE_TRAINING, "has no len()"),
        ({"sample.neg": None, "train.skip_first_sample": True}, RELAXIS, 100, "has no len()"),
        ({"datasets.cache_latents": True}, RELAXIS, 0, "'NoneType'"),
        ({"model.arch": "wan22_14b"}, RELAXIS, 0, "36 channels"),
    ],
)
def test_some_configs_kill_the_run(changes: dict[str, Any], trainer: str, step: int, error: str) -> None:
    death = setup_of(changes, trainer).death
    assert death is not None
    assert death.step == step
    assert error in death.error


@pytest.mark.parametrize(
    "changes",
    [{}, {"train.min_snr_gamma": 0}, {"sample.neg": None, "train.disable_sampling": True}],
)
def test_others_do_not(changes: dict[str, Any]) -> None:
    assert setup_of(changes).death is None


def test_the_fork_never_averages() -> None:
    ema = {"train.ema_config": {"use_ema": True, "ema_decay": 0.99}}
    assert setup_of(ema).ema is None
    assert read_setup(text_of(changed(upstream(RECIPE), ema)), AI_TOOLKIT).ema == 0.99

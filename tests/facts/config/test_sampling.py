import math
from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.sampling import record_sampling
from diagnose.facts.recorder import Recorder

I2V = {"name_or_path": "a/Wan2.2-I2V-A14B-Diffusers", "arch": "wan22_14b_i2v"}
T2V = {"name_or_path": "a/Wan2.2-T2V-A14B-Diffusers", "arch": "wan22_14b"}
PICTURE = {"image_path": "a.png", "prompt": "x"}
LOW_ONLY = {"model_kwargs": {"train_high_noise": False}}


def recorded(folder: Path, trainer: str = RELAXIS, **sections: Any) -> Recorder:
    record = recorder()
    record_sampling(config_of(folder, trainer, **sections), model(trainer), record)
    return record


@pytest.mark.parametrize(
    ("train", "drawn", "starved"),
    [
        ({"noise_scheduler": "flowmatch"}, "sigmoid", True),
        ({"noise_scheduler": "flowmatch", "timestep_type": "linear"}, "linear", False),
        ({"noise_scheduler": "flowmatch", "timestep_type": "shift"}, "shift", False),
        ({"noise_scheduler": "flowmatch", "linear_timesteps": True}, "linear", False),
        ({"timestep_type": "sigmoid"}, "shift", False),
        ({"timestep_type": "one_step", "linear_timesteps": True}, "one_step", False),
    ],
)
def test_what_the_timesteps_are_drawn_by(tmp_path: Path, train: dict[str, Any], drawn: str, *, starved: bool) -> None:
    record = recorded(tmp_path, model=I2V, train=train)
    assert value(record, "effective.timestep_sampling") == drawn
    assert value(record, "effective.high_starved") is starved


@pytest.mark.parametrize(
    ("trainer", "base", "boundary", "own"),
    [
        (AI_TOOLKIT, I2V, 0.875, 0.9),
        (AI_TOOLKIT, T2V, 0.875, 0.875),
        (RELAXIS, I2V, 0.9, 0.9),
        (RELAXIS, {**I2V, "name_or_path": "models/wan"}, 0.875, 0.9),
        (RELAXIS, {**T2V, "name_or_path": "i2v/wan"}, 0.9, 0.875),
    ],
)
def test_the_boundary_in_effect_and_the_models_own(
    tmp_path: Path, trainer: str, base: dict[str, Any], boundary: float, own: float
) -> None:
    record = recorded(tmp_path, trainer, model=base)
    assert value(record, "effective.boundary") == boundary
    assert value(record, "config.boundary_of_model") == own


@pytest.mark.parametrize(
    ("base", "suits"),
    [
        (I2V, True),
        (T2V, True),
        ({**I2V, "name_or_path": "models/wan"}, False),
        ({**T2V, "name_or_path": "I2V/w"}, False),
    ],
)
def test_a_name_that_suits_the_boundary_of_the_model(tmp_path: Path, base: dict[str, Any], *, suits: bool) -> None:
    assert value(recorded(tmp_path, RELAXIS, model=base), "config.base_suits_boundary") is suits


@pytest.mark.parametrize(
    ("trainer", "train", "silenced"),
    [
        (RELAXIS, {"timestep_type": "weighted"}, True),
        (AI_TOOLKIT, {"timestep_type": "weighted"}, False),
        (AI_TOOLKIT, {"linear_timesteps": True}, True),
        (RELAXIS, {"linear_timesteps2": True}, True),
        (RELAXIS, {"timestep_type": "linear"}, False),
    ],
)
def test_what_silences_the_high_noise_range(
    tmp_path: Path, trainer: str, train: dict[str, Any], *, silenced: bool
) -> None:
    assert (value(recorded(tmp_path, trainer, train=train), "effective.high_loss_weight") < 0.8) is silenced


def test_the_low_noise_expert_alone_meets_the_other_sooner_or_later(tmp_path: Path) -> None:
    train = {"noise_scheduler": "flowmatch", "steps": 3000}
    odds = value(recorded(tmp_path, model={**I2V, **LOW_ONLY}, train=train), "effective.crash_odds")
    assert odds == pytest.approx(0.954, abs=0.005), "5 % of such runs reach step 3000, as others computed"
    for base, section in (
        (I2V, train),
        ({**I2V, **LOW_ONLY}, {**train, "timestep_type": "linear"}),
        ({**I2V, **LOW_ONLY}, {"steps": 3000}),
    ):
        assert value(recorded(tmp_path, model=base, train=section), "effective.crash_odds") == 0


def test_blind_samplings_and_an_unknown_trainer(tmp_path: Path) -> None:
    record = recorder()
    train = {"noise_scheduler": "flowmatch", "timestep_type": "one_step"}
    record_sampling(config_of(tmp_path, model=I2V, train=train), None, record)
    assert value(record, "config.timesteps_ignore_boundary") is True
    assert not facts_of(record)["effective.boundary", "run"].known
    assert math.isfinite(value(record, "effective.crash_odds"))


@pytest.mark.parametrize(
    ("sigmas", "expert"),
    [(None, "low"), ([1.0, 0.75, 0.5, 0.25], "low"), ([1.0, 0.9], "high"), ([0.95, 0.8], "low"), ([0.5], "low")],
)
def test_the_mean_sigma_chooses_the_expert(tmp_path: Path, sigmas: Any, expert: str) -> None:
    validation = {"validation_items": [PICTURE], **({"validation_sigmas": sigmas} if sigmas else {})}
    record = recorder()
    config = config_of(tmp_path, AI_TOOLKIT, model=T2V, train={"validation_config": validation})
    record_sampling(config, model(AI_TOOLKIT), record)
    assert value(record, "effective.validated_expert") == expert

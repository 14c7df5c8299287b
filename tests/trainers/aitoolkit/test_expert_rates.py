from collections.abc import Mapping
from pathlib import Path

import pytest
from builders import config_of, model
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.trainers.answers import PerExpert

PER_EXPERT = {"high_noise_lr_bump": 2e-5, "low_noise_lr_bump": 5e-6, "high_noise_max_lr": 5e-4}
SHARED = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
WAN = {"arch": "wan22_14b_i2v"}


def train(params: Mapping[str, float] | None = None, optimizer: str = "automagic") -> dict[str, object]:
    return {"optimizer": optimizer, "optimizer_params": dict(params or {})}


@pytest.mark.parametrize(
    ("params", "trainer", "optimizer", "fate"),
    [
        ({**PER_EXPERT, **SHARED}, RELAXIS, "automagic", PerExpert.IN_EFFECT),
        (PER_EXPERT, RELAXIS, "automagic", PerExpert.DROPPED),
        ({**PER_EXPERT, "lr_bump": 5e-6}, RELAXIS, "automagic", PerExpert.PARTLY),
        ({**PER_EXPERT, **SHARED}, AI_TOOLKIT, "automagic", PerExpert.REFUSED),
        ({**PER_EXPERT, **SHARED}, RELAXIS, "adamw", PerExpert.REFUSED),
        (SHARED, RELAXIS, "automagic", PerExpert.NONE),
        ({"high_noise_lr": 2e-4, "low_noise_lr": 5e-5, **SHARED}, RELAXIS, "automagic", PerExpert.DROPPED),
    ],
)
def test_fate_of_the_per_expert_keys(
    tmp_path: Path, params: dict[str, float], trainer: str, optimizer: str, fate: PerExpert
) -> None:
    rates = model(trainer).rates(config_of(tmp_path, trainer, train=train(params, optimizer), model=WAN))
    assert rates is not None
    assert rates.fate is fate


def test_dropped_keys_leave_the_trainers_defaults(tmp_path: Path) -> None:
    rates = model().rates(config_of(tmp_path, train=train(PER_EXPERT), model=WAN))
    assert rates is not None
    assert rates.declared_ratio == pytest.approx(4)
    assert rates.ratio == 1
    assert rates.bounds[Expert.HIGH, "bump"] == 1e-6
    assert rates.bounds[Expert.HIGH, "max"] == 1e-3
    assert set(rates.missing) == {"lr_bump", "max_lr"}


def test_one_shared_key_brings_back_its_own_setting_only(tmp_path: Path) -> None:
    rates = model().rates(config_of(tmp_path, train=train({**PER_EXPERT, "lr_bump": 5e-6}), model=WAN))
    assert rates is not None
    assert rates.bounds[Expert.HIGH, "bump"] == 2e-5
    assert rates.bounds[Expert.HIGH, "max"] == 1e-3


def test_a_single_expert_ignores_the_keys(tmp_path: Path) -> None:
    one = {**WAN, "model_kwargs": {"train_low_noise": False}}
    rates = model().rates(config_of(tmp_path, train=train(PER_EXPERT | SHARED), model=one))
    assert rates is not None
    assert rates.fate is PerExpert.IGNORED
    assert rates.ratio is None
    assert rates.bounds[Expert.HIGH, "bump"] == 5e-6


def test_an_unknown_trainer_leaves_the_fate_unknown(tmp_path: Path) -> None:
    assert model().rates(config_of(tmp_path, train=train(PER_EXPERT | SHARED), model=WAN), decided=False) is None


def test_one_rate_for_both_is_a_ratio_of_one(tmp_path: Path) -> None:
    rates = model().rates(config_of(tmp_path, train={"optimizer": "adamw", "lr": 1e-4}, model=WAN), decided=False)
    assert rates is not None
    assert (rates.declared_ratio, rates.ratio) == (1, 1)
    assert not rates.bounds


@pytest.mark.parametrize(
    ("switch", "accumulation", "moves"), [(1, 1, False), (2, 2, False), (1, 2, True), (10, 1, True), (10, 2, True)]
)
def test_rates_freeze_where_every_step_trains_the_other_expert(
    tmp_path: Path, switch: int, accumulation: int, *, moves: bool
) -> None:
    section = {**train(), "switch_boundary_every": switch, "gradient_accumulation": accumulation}
    assert model().rates_adapt(config_of(tmp_path, train=section)) is moves


def test_the_default_cadence_freezes_the_fork_and_not_upstream(tmp_path: Path) -> None:
    assert model().rates_adapt(config_of(tmp_path, train=train())) is False
    assert model(AI_TOOLKIT).rates_adapt(config_of(tmp_path, AI_TOOLKIT, train=train())) is True
    assert model().rates_adapt(config_of(tmp_path, train=train(optimizer="adamw"))) is None


@pytest.mark.parametrize(
    ("optimizer", "written", "start"),
    [
        ("automagic", 2e-3, 1e-6),
        ("automagic", 1e-3, 1e-3),
        ("adamw", 2e-3, 2e-3),
        ("prodigy", 1e-4, 1.0),
        ("prodigy", 0.5, 0.5),
    ],
)
def test_the_rate_the_optimizer_starts_from(optimizer: str, written: float, start: float) -> None:
    found = model().starting_rate(written, optimizer)
    assert found is not None
    assert found[0] == start


def test_where_the_keys_are_refused_no_rate_is_in_effect(tmp_path: Path) -> None:
    keys = {"lr_bump": 5e-6, "high_noise_lr_bump": 2e-5}
    config = config_of(tmp_path, AI_TOOLKIT, train=train(keys), model={"arch": "wan22_14b_i2v"})
    rates = model(AI_TOOLKIT).rates(config)
    assert rates is not None
    assert rates.fate is PerExpert.REFUSED
    assert (rates.ratio, rates.bounds) == (None, {})
    assert rates.declared_ratio == pytest.approx(4)

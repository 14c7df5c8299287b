from collections.abc import Mapping
from pathlib import Path

import pytest
from builders import config_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.effective import PerExpert, adapts, effective_rates, lora_scale, record_effective

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
    rates = effective_rates(config_of(tmp_path, trainer, train=train(params, optimizer), model=WAN), model(trainer))
    assert rates is not None
    assert rates.fate is fate


def test_dropped_keys_leave_the_trainers_defaults(tmp_path: Path) -> None:
    rates = effective_rates(config_of(tmp_path, train=train(PER_EXPERT), model=WAN), model())
    assert rates is not None
    assert rates.declared_ratio == pytest.approx(4)
    assert rates.ratio == 1
    assert rates.bounds[Expert.HIGH, "lr_bump"] == 1e-6
    assert rates.bounds[Expert.HIGH, "max_lr"] == 1e-3
    assert set(rates.missing) == {"lr_bump", "max_lr"}


def test_one_shared_key_brings_back_its_own_setting_only(tmp_path: Path) -> None:
    rates = effective_rates(config_of(tmp_path, train=train({**PER_EXPERT, "lr_bump": 5e-6}), model=WAN), model())
    assert rates is not None
    assert rates.bounds[Expert.HIGH, "lr_bump"] == 2e-5
    assert rates.bounds[Expert.HIGH, "max_lr"] == 1e-3


def test_a_single_expert_ignores_the_keys(tmp_path: Path) -> None:
    one = {**WAN, "model_kwargs": {"train_low_noise": False}}
    rates = effective_rates(config_of(tmp_path, train=train(PER_EXPERT | SHARED), model=one), model())
    assert rates is not None
    assert rates.fate is PerExpert.IGNORED
    assert rates.ratio is None
    assert rates.bounds[Expert.HIGH, "lr_bump"] == 5e-6


def test_an_unknown_trainer_leaves_the_fate_unknown(tmp_path: Path) -> None:
    assert effective_rates(config_of(tmp_path, train=train(PER_EXPERT | SHARED), model=WAN), None) is None


def test_one_rate_for_both_is_a_ratio_of_one(tmp_path: Path) -> None:
    rates = effective_rates(config_of(tmp_path, train={"optimizer": "adamw", "lr": 1e-4}, model=WAN), None)
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
    assert adapts(config_of(tmp_path, train=section), model()) is moves


def test_the_default_cadence_freezes_the_fork_and_not_upstream(tmp_path: Path) -> None:
    assert adapts(config_of(tmp_path, train=train()), model()) is False
    assert adapts(config_of(tmp_path, AI_TOOLKIT, train=train()), model(AI_TOOLKIT)) is True
    assert adapts(config_of(tmp_path, train=train(optimizer="adamw")), model()) is None


def test_the_alpha_schedule_is_exported_too_strong(tmp_path: Path) -> None:
    network = {"type": "lora", "linear": 64, "linear_alpha": 64, "alpha_schedule": {"enabled": True}}
    scale = lora_scale(config_of(tmp_path, network=network), model())
    assert scale is not None
    assert (scale.training, scale.excess) == (0.25, 4)
    upstream = lora_scale(config_of(tmp_path, AI_TOOLKIT, network=network), model(AI_TOOLKIT))
    assert upstream is not None
    assert upstream.excess == 1


def test_other_networks_have_no_known_scale(tmp_path: Path) -> None:
    assert lora_scale(config_of(tmp_path, network={"type": "lokr", "linear": 16}), model()) is None


def test_phases_are_inert_on_wan_and_unread_upstream(tmp_path: Path) -> None:
    network = {"type": "lora", "linear": 16, "alpha_schedule": {"enabled": True, "linear_alpha": 16}}
    for trainer, modules, acts in (
        (RELAXIS, 0, False),
        (RELAXIS, 3, True),
        (AI_TOOLKIT, 3, False),
    ):
        record = recorder()
        config = config_of(tmp_path, trainer, network=network, model=WAN)
        record_effective(config, model(trainer), effective_rates(config, model(trainer)), modules, record)
        assert value(record, "effective.alpha_phases_act") is acts

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import TRAINERS, config_of, facts_of, model, reading, recorder
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Fact
from diagnose.facts.config.key_faults import record_keys, record_refused_parameters, record_values
from diagnose.facts.recorder import NONE
from diagnose.sources.config.dotted import join
from diagnose.trainers.rooms import hints

RATES = {"lr_bump": 5e-6, "min_lr": 5e-6, "max_lr": 1e-4}
OWN = {f"{side}_noise_{bound}": value for side in ("high", "low") for bound, value in RATES.items()}
PREFIX = "train.optimizer_params."


def keys(folder: Path, fact: str, trainer: str | None = AI_TOOLKIT, **sections: Any) -> dict[str, Any]:
    record = recorder()
    known = model(trainer) if trainer is not None else None
    record_keys(config_of(folder, trainer or AI_TOOLKIT, **sections), TRAINERS, known, record)
    return {subject: each.value for (name, subject), each in facts_of(record).items() if name == fact}


def test_a_config_without_unknown_keys_is_known_to_have_none(tmp_path: Path) -> None:
    assert keys(tmp_path, "config.unknown_key", train={"steps": 10, "lr": 1e-4}) == {"none": "none"}


def test_a_misplaced_key_is_sent_home(tmp_path: Path) -> None:
    found = keys(tmp_path, "config.unknown_key", train={"log_dir": "logs"}, model_kwargs={"train_high_noise": True})
    assert found["train.log_dir"] == "it belongs under the process entry"
    assert found["model_kwargs"] == "it belongs under model"


def test_a_misspelt_key_gets_the_nearest_one(tmp_path: Path) -> None:
    found = keys(tmp_path, "config.unknown_key", train={"gradient_acumulation": 2})
    assert found == {"train.gradient_acumulation": "perhaps gradient_accumulation is meant"}


@pytest.mark.parametrize("key", ["[trigger]", "st\x1b[31meps", "a.b", "]", ""])
def test_a_key_that_needs_quotes_in_a_path_is_one_key(tmp_path: Path, key: str) -> None:
    found = keys(tmp_path, "config.unknown_key", AI_TOOLKIT, train={key: 5})
    assert found == {join("train", key): "the trainer knows no such key"}


@pytest.mark.parametrize("key", ["text_encoder_path", "text_encoder_kind", "boundary"])
def test_a_key_of_another_meaning_is_not_guessed_at(tmp_path: Path, key: str) -> None:
    found = keys(tmp_path, "config.unknown_key", AI_TOOLKIT, model={"arch": "wan22_14b", key: "a"})
    assert found == {f"model.{key}": "the trainer knows no such key"}


@pytest.mark.parametrize(("key", "meant"), [("quantise", "quantize"), ("namo_or_path", "name_or_path"), ("lowvram", "low_vram")])  # fmt: skip
def test_a_slip_of_the_hand_is(tmp_path: Path, key: str, meant: str) -> None:
    found = keys(tmp_path, "config.unknown_key", AI_TOOLKIT, model={"arch": "wan22_14b", key: "a"})
    assert found == {f"model.{key}": f"perhaps {meant} is meant"}


def test_a_key_of_the_other_trainer_is_named_as_such(tmp_path: Path) -> None:
    network = {"alpha_schedule": {"enabled": True}}
    assert "only ai-toolkit, fork" in keys(tmp_path, "config.unknown_key", network=network)["network.alpha_schedule"]
    assert keys(tmp_path, "config.unknown_key", RELAXIS, network=network) == {"none": "none"}
    assert keys(tmp_path, "config.unknown_key", None, network=network) == {"none": "none"}


def test_keys_of_every_data_set_are_looked_at(tmp_path: Path) -> None:
    found = keys(tmp_path, "config.unknown_key", datasets=[{"folder_path": "a"}, {"max_frames": 9}])
    assert list(found) == ["datasets[1].max_frames"]


def test_what_a_two_expert_model_passes_over(tmp_path: Path) -> None:
    sections: dict[str, Any] = {
        "model": {"arch": "wan22_14b_i2v"},
        "train": {"min_denoising_steps": 5},
        "datasets": [{"do_i2v": True}],
    }
    assert set(keys(tmp_path, "config.ignored_key", **sections)) == {"train.min_denoising_steps", "datasets[0].do_i2v"}
    other = {**sections, "model": {"arch": "wan21"}}
    assert keys(tmp_path, "config.ignored_key", **other) == {"none": "none"}


def test_a_key_of_another_program_is_translated(tmp_path: Path) -> None:
    found = keys(tmp_path, "config.unknown_key", train={"learning_rate": 1e-4, "timestep_boundary": 0.9})
    assert found["train.learning_rate"] == "the learning rate is called lr"
    assert "has no key" in found["train.timestep_boundary"]


def test_nobody_knows_it_is_said_of_both_where_the_trainer_is_open(tmp_path: Path) -> None:
    for trainer, words in ((None, "neither trainer knows such a key"), (RELAXIS, "the trainer knows no such key")):
        assert keys(tmp_path, "config.unknown_key", trainer, train={"zzz": 1}) == {"train.zzz": words}


def test_keys_beside_the_experts_switches(tmp_path: Path) -> None:
    model = {"model_kwargs": {"train_high_noise": True, "train_mid_noise": True}}
    assert list(keys(tmp_path, "config.unknown_key", model=model)) == ["model.model_kwargs.train_mid_noise"]


def test_what_the_interface_writes_is_idle_not_ignored(tmp_path: Path) -> None:
    sections: dict[str, Any] = {
        "model": {"arch": "wan22_14b_i2v"},
        "network": {"conv": 16, "lokr_factor": -1},
        "datasets": [{"fps": 16}, {"fps": 16, "shrink_video_to_frames": False}],
    }
    assert set(keys(tmp_path, "config.idle_key", **sections)) == {
        "network.conv",
        "network.lokr_factor",
        "datasets[0].fps",
    }
    assert keys(tmp_path, "config.ignored_key", **sections) == {"none": "none"}
    sections["network"] = {"type": "lokr", "lokr_factor": -1}
    assert set(keys(tmp_path, "config.idle_key", **sections)) == {"datasets[0].fps"}


def test_an_adapter_without_quantisation_is_ignored(tmp_path: Path) -> None:
    model = {"arch": "wan22_14b_i2v", "accuracy_recovery_adapter": "a"}
    assert set(keys(tmp_path, "config.ignored_key", model=model)) == {"model.accuracy_recovery_adapter"}
    assert keys(tmp_path, "config.ignored_key", model={**model, "quantize": True}) == {"none": "none"}


def test_what_no_expert_can_have_for_itself(tmp_path: Path) -> None:
    params = {"lr_bump": 5e-6, "high_noise_lr_bump": 2e-5, "high_noise_lr": 2e-4, "low_noise_weight_decay": 0.1}
    train = {"optimizer": "automagic", "optimizer_params": params}
    found = keys(tmp_path, "config.unknown_key", RELAXIS, train=train)
    assert list(found) == ["train.optimizer_params.high_noise_lr", "train.optimizer_params.low_noise_weight_decay"]
    assert "only lr_bump, min_lr, max_lr are read" in found["train.optimizer_params.high_noise_lr"]
    assert keys(tmp_path, "config.unknown_key", AI_TOOLKIT, train=train) == {"none": "none"}


@pytest.mark.parametrize("value", [None, False, "", [], {}, 0])
def test_an_unread_key_that_says_nothing_is_told_in_the_table_alone(tmp_path: Path, value: Any) -> None:
    model = {"arch": "wan22_14b", "my_own_key": value}
    assert keys(tmp_path, "config.unknown_key", model=model) == {"none": "none"}
    found = keys(tmp_path, "config.idle_key", model=model)
    assert found == {"model.my_own_key": "it is not read, and it is off or empty"}


def facts(folder: Path, trainer: str = RELAXIS, **train: Any) -> dict[tuple[str, str], Fact]:
    record = recorder()
    config = config_of(folder, trainer, train=train, model={"arch": "wan22_14b_i2v"})
    record_refused_parameters(config, model(trainer), record)
    record_values(config, model(trainer), model(trainer).rates(config), record)
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
    rates = model().rates(config)
    assert rates is not None
    assert rates.ratio is None
    assert rates.bounds == {}


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ({"train": {"steps": 10}}, []),
        ({"logging": {"use_ui_logger": True}}, [(AI_TOOLKIT, "logging.use_ui_logger")]),
        ({"network": {"alpha_schedule": {}}}, [(RELAXIS, "network.alpha_schedule")]),
        (
            {"train": {"optimizer_params": {"high_noise_lr_bump": 1}}, "logging": {"use_ui_logger": True}},
            [(RELAXIS, "high_noise_lr_bump"), (AI_TOOLKIT, "logging.use_ui_logger")],
        ),
    ],
)
def test_the_first_key_of_each_is_told(tmp_path: Path, sections: dict[str, Any], found: list[tuple[str, str]]) -> None:
    told = list(hints(reading(tmp_path, **sections), dict(TRAINERS)))
    assert [(sign.trainer, sign.text.split(" is a key that only ")[0]) for sign in told] == found

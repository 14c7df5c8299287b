from pathlib import Path
from typing import Any

import pytest
from builders import TRAINERS, config_of, facts_of, model, recorder
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.key_faults import record_keys


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

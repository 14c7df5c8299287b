from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value
from run_evidence import evidence
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.settings_facts import record_config, record_stated
from diagnose.facts.recorder import Recorder
from diagnose.trainers.declared import Config


def recorded_stated(config: Config) -> Recorder:
    record = recorder()
    record_stated(config, record)
    return record


def test_a_null_is_no_default(tmp_path: Path) -> None:
    absent = recorded_stated(config_of(tmp_path, train={"steps": 100}))
    assert value(absent, "config.save_every") == 1000
    null = recorded_stated(config_of(tmp_path, train={"steps": 100}, save={"save_every": None}))
    assert not facts_of(null)["config.save_every", "run"].known


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({}, "none"),
        ({"min_snr_gamma": None}, "none"),
        ({"min_snr_gamma": 0}, "none"),
        ({"min_snr_gamma": 1e-6}, "none"),
        ({"min_snr_gamma": 2e-6}, "min_snr_gamma"),
        ({"learnable_snr_gos": False}, "none"),
        ({"learnable_snr_gos": True}, "learnable_snr_gos"),
    ],
)
def test_nothing_and_zero_ask_for_no_snr_weighting(tmp_path: Path, written: dict[str, Any], key: str) -> None:
    assert value(recorded_stated(config_of(tmp_path, train=written)), "config.snr_key") == key


I2V = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}


def recorded(folder: Path, trainer: str = RELAXIS, **sections: Any) -> Recorder:
    config = config_of(folder, trainer, **sections)
    record = recorder()
    record_config(evidence(config, trainer=trainer), config, None, record)
    return record


@pytest.mark.parametrize(
    ("arch", "known"),
    [("wan22_14b_i2v", True), ("wan22_14b:t2v", True), ("wan22_14b:i2v", False), ("wan22_14b_t2v", False)],
)
def test_the_trainer_cuts_the_architecture_at_its_colon(tmp_path: Path, arch: str, known: bool) -> None:
    assert value(recorded(tmp_path, model={"arch": arch}), "config.arch_known") is known


@pytest.mark.parametrize(
    ("name", "arch", "matches"),
    [
        ("x-T2V-y", "wan22_14b_i2v", False),
        ("x-I2V-y", "wan22_14b_i2v", True),
        ("x-I2V-y", "wan22_14b", False),
        ("a-local-folder", "wan22_14b_i2v", None),
    ],
)
def test_a_silent_name_says_nothing_about_the_base(tmp_path: Path, name: str, arch: str, matches: bool | None) -> None:
    record = recorded(tmp_path, model={"name_or_path": name, "arch": arch})
    assert value(record, "config.base_matches_arch") is matches


@pytest.mark.parametrize(
    ("trainer", "name", "boundary"),
    [
        (AI_TOOLKIT, "Wan2.2-I2V-A14B", 0.875),
        (RELAXIS, "Wan2.2-I2V-A14B", 0.9),
        (RELAXIS, "models/wan", 0.875),
    ],
)
def test_the_boundary_each_trainer_uses(tmp_path: Path, trainer: str, name: str, boundary: float) -> None:
    record = recorded(tmp_path, trainer, model={**I2V, "name_or_path": name})
    assert value(record, "effective.boundary") == boundary


def test_the_forks_weighted_sampling_silences_the_high_noise_range(tmp_path: Path) -> None:
    for trainer, sampling, low in ((RELAXIS, "weighted", True), (AI_TOOLKIT, "weighted", False),
                                   (RELAXIS, "linear", False)):  # fmt: skip
        record = recorded(tmp_path, trainer, train={"timestep_type": sampling})
        assert (value(record, "effective.high_loss_weight") < 0.8) is low


def test_each_data_set_is_a_subject_of_its_own(tmp_path: Path) -> None:
    sets = [{"num_frames": 40, "cache_latents_to_disk": True}, {"num_frames": 81, "resolution": [512, 768]}]
    record = recorded(tmp_path, datasets=sets)
    assert value(record, "dataset.frames_fit", "datasets[0]") is False
    assert value(record, "dataset.frames_fit", "datasets[1]") is True
    assert value(record, "dataset.latents_cached", "datasets[0]") is True
    assert value(record, "dataset.resolutions", "datasets[1]") == 2


def test_the_frame_rate_of_clips_is_the_trainers_default_where_none_is_written(tmp_path: Path) -> None:
    sets = [{"num_frames": 33, "shrink_video_to_frames": False}]
    assert value(recorded(tmp_path, AI_TOOLKIT, datasets=sets), "dataset.fps", "datasets[0]") == 24
    assert value(recorded(tmp_path, RELAXIS, datasets=sets), "dataset.fps", "datasets[0]") == 16


def test_an_absent_frame_rate_says_since_when_it_is_what_it_is(tmp_path: Path) -> None:
    note = facts_of(recorded(tmp_path, AI_TOOLKIT, datasets=[{}]))["dataset.fps", "datasets[0]"].note
    assert "since 0.7.17 (2026-01-13)" in note


def test_an_unknown_trainer_leaves_open_what_the_trainers_do_differently(tmp_path: Path) -> None:
    record = recorder()
    config = config_of(tmp_path, train={"cache_text_embeddings": True}, datasets=[{"caption_dropout_rate": 0.1}, {}])
    record_config(evidence(config, trainer=None), config, None, record)
    found = facts_of(record)
    assert not found["dataset.fps", "datasets[0]"].known
    assert not found["dataset.dropout_lost", "datasets[0]"].known
    assert found["dataset.dropout_lost", "datasets[1]"].value is False


def test_captions_are_discarded_only_without_cached_embeddings(tmp_path: Path) -> None:
    for cached in (True, False):
        train = {"unload_text_encoder": True, "cache_text_embeddings": cached}
        assert value(recorded(tmp_path, train=train), "config.captions_discarded") is not cached


def test_a_preview_without_a_first_frame(tmp_path: Path) -> None:
    for shots, missing in (([{"prompt": "x", "ctrl_img": "a.png"}], False), ([{"prompt": "x"}], True)):
        record = recorded(tmp_path, model=I2V, sample={"samples": shots})
        assert value(record, "config.preview_without_image") is missing


def test_how_many_bumps_the_ceiling_holds(tmp_path: Path) -> None:
    params = {"lr_bump": 5e-6, "min_lr": 1e-6, "max_lr": 3e-4, "low_noise_lr_bump": 1e-6}
    record = recorded(tmp_path, train={"optimizer": "automagic", "optimizer_params": params}, model=I2V)
    assert value(record, "effective.bumps_to_ceiling", "high") == pytest.approx(60)
    assert value(record, "effective.bumps_to_ceiling", "low") == pytest.approx(300)

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from builders import KNOWLEDGE, config_of, facts_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.sampling import record_previews, record_sampling
from diagnose.facts.recorder import NONE, Recorder

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


WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
ONE = {"prompt": "x", "ctrl_img": "a.png"}
SHOT = {"samples": [{"prompt": "x", "ctrl_img": "a.png"}]}


def recorded_previews(folder: Path, trainer: str | None = RELAXIS, **sections: Any) -> Recorder:
    record = recorder()
    config = config_of(folder, trainer or AI_TOOLKIT, **{"model": WAN, **sections})
    record_previews(config, model(trainer) if trainer else None, KNOWLEDGE.domain.network, record)
    return record


def negatives(record: Recorder) -> dict[str, Any]:
    return {
        subject: fact.value for (name, subject), fact in facts_of(record).items() if name == "config.negative_prompt"
    }


@pytest.mark.parametrize(
    ("arch", "sample", "missing"),
    [
        ("wan22_14b_i2v", {"samples": [{"prompt": "x"}]}, True),
        ("wan22_14b_i2v", {"samples": [{"prompt": "x", "ctrl_img": None}]}, True),
        ("wan22_14b_i2v:i2v", {"samples": [{"prompt": "x"}]}, True),
        ("wan21_i2v", {"samples": [{"prompt": "x"}]}, True),
        ("wan22_14b_i2v", {"prompts": ["x --ctrl_img a.png"]}, False),
        ("wan22_14b_i2v", {"prompts": ["x --ctrl_img a.png", "y"]}, True),
        ("wan22_14b_i2v", {"samples": [{"prompt": "x --ctrl_img a.png"}]}, False),
        ("wan22_14b_i2v", SHOT, False),
        ("wan22_14b_i2v", {"samples": []}, False),
        ("wan22_14b", {"samples": [{"prompt": "x"}]}, False),
        ("wan22_14b:i2v", {"samples": [{"prompt": "x"}]}, False),
    ],
)
def test_a_preview_from_a_picture_needs_one(tmp_path: Path, arch: str, sample: Any, *, missing: bool) -> None:
    record = recorded_previews(tmp_path, model={**WAN, "arch": arch}, sample=sample)
    assert value(record, "config.preview_without_image") is missing


@pytest.mark.parametrize(
    ("sample", "frames", "cut"),
    [
        ({**SHOT}, 1, 1),
        ({**SHOT, "num_frames": 40}, 40, 37),
        ({"samples": [{"prompt": "x", "num_frames": 33}]}, 33, 1),
        ({"samples": [{"prompt": "x --frames 81"}]}, 81, 1),
        ({"prompts": ["x"], "num_frames": 41}, 41, 41),
    ],
)
def test_frames_of_the_previews(tmp_path: Path, sample: dict[str, Any], frames: int, cut: int) -> None:
    record = recorded_previews(tmp_path, sample=sample)
    assert value(record, "config.preview_frames") == frames
    assert value(record, "effective.preview_frames") == cut


@pytest.mark.parametrize(
    ("sample", "bad"),
    [
        (SHOT, {"sample.neg": "is absent"}),
        ({**SHOT, "neg": None}, {"sample.neg": "is null"}),
        ({**SHOT, "neg": False}, {"sample.neg": "is false"}),
        ({**SHOT, "neg": {"a": 1}}, {"sample.neg": "is a section"}),
        ({**SHOT, "neg": ""}, {NONE: NONE}),
        ({"prompts": ["x --n blurry"]}, {NONE: NONE}),
        ({"prompts": ["x --n blurry", "y"]}, {"sample.neg": "is absent"}),
        ({"samples": [{"prompt": "x", "neg": ""}]}, {NONE: NONE}),
        ({"samples": [{"prompt": "x", "neg": None}], "neg": ""}, {"sample.samples[0].neg": "is null"}),
        ({"samples": []}, {NONE: NONE}),
        ({"prompts": []}, {NONE: NONE}),
    ],
)
def test_a_negative_prompt_is_text(tmp_path: Path, sample: dict[str, Any], bad: dict[str, str]) -> None:
    assert negatives(recorded_previews(tmp_path, sample=sample)) == bad


def test_of_other_models_nothing_is_said(tmp_path: Path) -> None:
    assert negatives(recorded_previews(tmp_path, model={"arch": "flux", "name_or_path": "a/b"}, sample=SHOT)) == {}


@pytest.mark.parametrize(
    "cached",
    [
        {"train": {"skip_first_sample": True, "cache_text_embeddings": True}},
        {"train": {"skip_first_sample": True, "unload_text_encoder": True}},
        {"train": {"skip_first_sample": True}, "datasets": [{"cache_text_embeddings": True}]},
    ],
)
def test_cached_prompts_are_encoded_before_the_first_step(tmp_path: Path, cached: dict[str, Any]) -> None:
    record = recorded_previews(tmp_path, sample=SHOT, **cached)
    assert value(record, "effective.negative_ends", "sample.neg") == "before the first step"


@pytest.mark.parametrize(
    ("sample", "steps"),
    [
        ({"samples": [ONE]}, 20),
        ({"samples": [ONE], "sample_steps": 25}, 25),
        ({"samples": [{**ONE, "sample_steps": 30}], "sample_steps": 25}, 30),
        ({"samples": [{**ONE, "sample_steps": 30}, ONE], "sample_steps": 25}, None),
        ({"samples": [{**ONE, "sample_steps": 25}, ONE], "sample_steps": 25}, 25),
        ({"prompts": ["x --s 12"]}, 12),
        ({"prompts": ["x --steps 12", "y --s 12"]}, 12),
        ({"prompts": ["x --s many"]}, None),
        ({"samples": [ONE], "sample_steps": "many"}, None),
        ({"samples": []}, None),
    ],
)
def test_steps_are_known_where_every_preview_has_the_same(
    tmp_path: Path, sample: dict[str, Any], steps: int | None
) -> None:
    assert value(recorded_previews(tmp_path, sample=sample), "config.preview_steps") == steps


def test_guidance_is_that_of_the_flag_before_that_of_the_entry(tmp_path: Path) -> None:
    assert value(recorded_previews(tmp_path, sample={"prompts": ["x --cfg 3.5"]}), "config.preview_guidance") == 3.5
    assert value(recorded_previews(tmp_path, sample={"samples": [ONE]}), "config.preview_guidance") == 7


def test_sampler_and_shift_are_the_trainers(tmp_path: Path) -> None:
    shot = {"samples": [ONE]}
    names = ("effective.preview_sampler", "effective.preview_shift")
    assert [value(recorded_previews(tmp_path, sample=shot), name) for name in names] == ["UniPC", 3]
    assert [value(recorded_previews(tmp_path, AI_TOOLKIT, sample=shot), name) for name in names] == ["Euler", 5]
    assert [value(recorded_previews(tmp_path, None, sample=shot), name) for name in names] == [None, None]
    assert [value(recorded_previews(tmp_path, sample=shot, model={**WAN, "arch": "flux"}), name) for name in names] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("sample", "series"),
    [
        ({"prompts": ["a", "b", "c", "d"], "seed": 42, "num_frames": 33}, 4),
        ({"prompts": ["a", "b"], "seed": 42, "num_frames": 1}, 0),
        ({"prompts": ["a", "b"], "seed": -1, "num_frames": 33}, 0),
        ({"samples": [{"prompt": "a", "num_frames": 33}, {"prompt": "b", "num_frames": 1}], "seed": 7}, 1),
        ({}, 0),
    ],
)
def test_prompts_with_a_fixed_seed_and_more_than_a_frame_can_be_followed(
    tmp_path: Path, sample: dict[str, Any], series: int
) -> None:
    record = recorder()
    config = config_of(tmp_path, model=I2V, sample=sample)
    record_previews(config, model(), KNOWLEDGE.domain.network, record)
    assert value(record, "config.preview_series") == series

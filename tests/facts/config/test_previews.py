"""What the previews are made of, and which of them end the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import KNOWLEDGE, config_of, facts_of, model, recorder, value
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.facts.config.previews import record_previews
from diagnose.facts.recorder import NONE, Recorder

WAN = {"arch": "wan22_14b_i2v", "name_or_path": "a/Wan2.2-I2V-A14B-Diffusers"}
ONE = {"prompt": "x", "ctrl_img": "a.png"}
SHOT = {"samples": [{"prompt": "x", "ctrl_img": "a.png"}]}


def recorded(folder: Path, trainer: str | None = RELAXIS, **sections: Any) -> Recorder:
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
    record = recorded(tmp_path, model={**WAN, "arch": arch}, sample=sample)
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
    record = recorded(tmp_path, sample=sample)
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
    assert negatives(recorded(tmp_path, sample=sample)) == bad


def test_of_other_models_nothing_is_said(tmp_path: Path) -> None:
    assert negatives(recorded(tmp_path, model={"arch": "flux", "name_or_path": "a/b"}, sample=SHOT)) == {}


@pytest.mark.parametrize(
    "cached",
    [
        {"train": {"skip_first_sample": True, "cache_text_embeddings": True}},
        {"train": {"skip_first_sample": True, "unload_text_encoder": True}},
        {"train": {"skip_first_sample": True}, "datasets": [{"cache_text_embeddings": True}]},
    ],
)
def test_cached_prompts_are_encoded_before_the_first_step(tmp_path: Path, cached: dict[str, Any]) -> None:
    record = recorded(tmp_path, sample=SHOT, **cached)
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
    assert value(recorded(tmp_path, sample=sample), "config.preview_steps") == steps


def test_guidance_is_that_of_the_flag_before_that_of_the_entry(tmp_path: Path) -> None:
    assert value(recorded(tmp_path, sample={"prompts": ["x --cfg 3.5"]}), "config.preview_guidance") == 3.5
    assert value(recorded(tmp_path, sample={"samples": [ONE]}), "config.preview_guidance") == 7


def test_sampler_and_shift_are_the_trainers(tmp_path: Path) -> None:
    shot = {"samples": [ONE]}
    names = ("effective.preview_sampler", "effective.preview_shift")
    assert [value(recorded(tmp_path, sample=shot), name) for name in names] == ["UniPC", 3]
    assert [value(recorded(tmp_path, AI_TOOLKIT, sample=shot), name) for name in names] == ["Euler", 5]
    assert [value(recorded(tmp_path, None, sample=shot), name) for name in names] == [None, None]
    assert [value(recorded(tmp_path, sample=shot, model={**WAN, "arch": "flux"}), name) for name in names] == [
        None,
        None,
    ]

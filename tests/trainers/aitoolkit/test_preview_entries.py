"""The previews as the trainer makes them of entries and prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, model
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.trainers.aitoolkit.preview_entries import flags_of

SHOT = {"samples": [{"prompt": "x", "ctrl_img": "a.png"}]}


def test_flags_are_cut_out_of_a_prompt_as_the_trainer_does() -> None:
    assert flags_of("a person --w 512 --ctrl_img /data/a b.png --n blurry, cut") == {
        "first_frame": "/data/a b.png",
        "negative": "blurry, cut",
    }
    assert flags_of("a person, no flags - none") == {}
    assert flags_of("x --frames 41 --fps 16") == {"frames": "41"}


def test_sampling_may_be_switched_off(tmp_path: Path) -> None:
    assert model().previews(config_of(tmp_path, sample=SHOT)).made
    assert not model().previews(config_of(tmp_path, sample=SHOT, train={"disable_sampling": True})).made
    assert not model().previews(config_of(tmp_path, sample={"samples": [{"prompt": None}]})).made


@pytest.mark.parametrize(
    ("train", "sample", "when"),
    [
        ({}, {}, "before the first step"),
        ({"skip_first_sample": True, "steps": 1000}, {"sample_every": 250}, "at step 250"),
        ({"skip_first_sample": True, "steps": 250}, {"sample_every": 250}, "at the end, before the final save"),
        ({"skip_first_sample": True, "steps": 250}, {"sample_every": None}, "at the end, before the final save"),
        ({"skip_first_sample": True, "steps": 1000}, {"sample_every": 250, "sample_start_step": 500}, "at step 500"),
    ],
)
def test_when_the_first_preview_is_made(tmp_path: Path, train: Any, sample: Any, when: str) -> None:
    config = config_of(tmp_path, train=train, sample={**SHOT, **sample})
    assert model(RELAXIS).previews(config).first == when
    last = when.replace(", before the final save", "")
    assert model(AI_TOOLKIT).previews(config).first == last

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


def seeds(tmp_path: Path, **sample: Any) -> list[tuple[int | None, bool | None]]:
    entries = model().previews(config_of(tmp_path, sample=sample)).entries
    return [(each.seed, each.fixed) for each in entries]


PROMPTS = ["a", "b", "c"]


def test_all_previews_have_the_seed_of_the_section_or_the_default(tmp_path: Path) -> None:
    assert seeds(tmp_path, prompts=PROMPTS, seed=42) == [(42, True)] * 3
    assert seeds(tmp_path, prompts=PROMPTS) == [(0, True)] * 3


def test_a_walking_seed_walks_from_prompt_to_prompt(tmp_path: Path) -> None:
    assert seeds(tmp_path, prompts=PROMPTS, seed=42, walk_seed=True) == [(42, True), (43, True), (44, True)]


def test_an_entrys_own_seed_holds_for_the_next_ones_unless_the_seed_walks(tmp_path: Path) -> None:
    entries = [{"prompt": "a"}, {"prompt": "b", "seed": 7}, {"prompt": "c", "seed": None}]
    assert seeds(tmp_path, samples=entries, seed=42) == [(42, True), (7, True), (7, True)]
    assert seeds(tmp_path, samples=entries, seed=42, walk_seed=True) == [(42, True), (7, True), (44, True)]


@pytest.mark.parametrize("flag", ["--d 9", "--seed 9", "--d 3 --w 512 --seed 9"])
def test_a_flag_in_the_prompt_wins_and_holds_for_that_prompt_alone(tmp_path: Path, flag: str) -> None:
    assert seeds(tmp_path, prompts=[f"a {flag}", "b"], seed=42) == [(9, True), (42, True)]


def test_minus_one_is_a_new_seed_for_every_preview_but_not_as_a_flag(tmp_path: Path) -> None:
    assert seeds(tmp_path, prompts=["a", "b --seed -1"], seed=-1) == [(None, False), (-1, True)]


@pytest.mark.parametrize("seed", ["7", 1.5, True, None, 2**64, -(2**63) - 1])
def test_what_is_no_seed_is_unknown(tmp_path: Path, seed: object) -> None:
    assert seeds(tmp_path, prompts=["a"], seed=seed) == [(None, None)]


@pytest.mark.parametrize("seed", [2**64 - 1, -(2**63)])
def test_the_largest_and_the_smallest_seed(tmp_path: Path, seed: int) -> None:
    assert seeds(tmp_path, prompts=["a"], seed=seed) == [(seed, True)]


def test_a_preview_has_its_own_frames_else_those_of_all(tmp_path: Path) -> None:
    entries = [{"prompt": "a x --frames 9"}, {"prompt": "b", "num_frames": 17}, {"prompt": "c"}]
    found = model().previews(config_of(tmp_path, sample={"samples": entries, "num_frames": 33})).entries
    assert [(each.text, each.frames) for each in found] == [("a x", 9), ("b", 17), ("c", 33)]
    (single,) = model().previews(config_of(tmp_path, sample={"prompts": ["a"]})).entries
    assert single.frames == 1


@pytest.mark.parametrize(("skipped", "apart"), [(True, True), (False, False)])
def test_first_previews_with_prompts_of_their_own_stay_where_the_usual_ones_are_skipped(
    tmp_path: Path, *, skipped: bool, apart: bool
) -> None:
    train = {"skip_first_sample": skipped, "steps": 1000}
    config = config_of(tmp_path, sample=SHOT, train=train, first_sample={"prompts": ["z"]})
    assert model().previews(config).first_apart is apart
    assert not model().previews(config_of(tmp_path, sample=SHOT, train=train)).first_apart

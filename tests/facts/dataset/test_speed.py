from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dataset_readings import dataset, facts, item, pictures
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trainer_names import AI_TOOLKIT, RELAXIS

from diagnose.core.values import Place
from diagnose.facts.dataset.speed import apparent_speed
from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.trainers.aitoolkit.dataset_entries import HABITS

SPEC = DatasetSpec(
    "datasets[0]", "x", Place("c"), ".txt", 81, counts_itself=False, shrink=True, fps=None, habits=HABITS
)
READ = replace(SPEC, shrink=False)


@pytest.mark.parametrize(
    ("frames", "rate", "spec", "fps", "speed"),
    [
        pytest.param(81, 16, SPEC, 24, 1.0, id="81 frames at 16"),
        pytest.param(121, 24, SPEC, 24, 1.0, id="five seconds at 24, shrunk"),
        pytest.param(241, 24, SPEC, 24, 2.0, id="ten seconds, shrunk"),
        pytest.param(321, 32, replace(SPEC, num_frames=33), 24, 5.0, id="ten seconds at 33 frames"),
        pytest.param(41, 16, SPEC, 24, 0.5, id="too short, stretched"),
        pytest.param(400, 24, READ, 16, 4 / 3, id="24 read as 16"),
        pytest.param(400, 25, READ, 16, 1.28, id="25 read as 16"),
        pytest.param(400, 30, READ, 16, 32 / 30, id="30 read as 16"),
        pytest.param(400, 24, READ, 24, 2 / 3, id="24 read as 24"),
        pytest.param(400, 16, READ, 24, 1.0, id="16 read as 24: every frame"),
        pytest.param(100, 32, READ, 16, 99 / 32 / 5, id="not enough at that rate, stretched"),
        pytest.param(400, 30, replace(SPEC, counts_itself=True), 24, 2 / 3, id="counted at 24"),
    ],
)
def test_the_speed_is_what_the_trainer_makes_of_a_clip(
    frames: int, rate: float, spec: DatasetSpec, fps: float, speed: float
) -> None:
    assert apparent_speed(frames, rate, spec, fps, 16) == pytest.approx(speed)


@given(
    frames=st.integers(2, 2000),
    rate=st.floats(1, 120),
    count=st.integers(2, 200),
    shrink=st.booleans(),
    fps=st.floats(1, 60),
)
def test_it_is_the_time_between_first_and_last_frame(
    frames: int, rate: float, count: int, shrink: bool, fps: float
) -> None:
    """Against the trainer's own list of frames: dataloader_mixins.py, load_and_process_video."""
    last = frames - 1
    step = max(1, round(rate / fps))
    if shrink or frames < count or frames // step < count:
        taken = [min(round(index * last / (count - 1)), last) for index in range(count)]
    else:
        taken = [index * step for index in range(count)]
    expected = (taken[-1] - taken[0]) / rate / ((count - 1) / 16)
    spec = replace(SPEC, num_frames=count, shrink=shrink)
    assert apparent_speed(frames, rate, spec, fps, 16) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("clips", "trainer", "frames"),
    [
        ([{"decoded": 81}, {"decoded": 121}], AI_TOOLKIT, 121),
        ([{"decoded": 240, "rate": 30.0}], AI_TOOLKIT, 129),
        ([{"decoded": 240, "rate": 30.0}, {"decoded": 9, "whole": False}], AI_TOOLKIT, None),
        ([{"decoded": 240, "rate": None}], AI_TOOLKIT, None),
        ([{"decoded": 240}], None, 241),
    ],
)
def test_the_longest_of_clips_of_their_own_length(
    tmp_path: Path, clips: list[dict[str, Any]], trainer: str | None, frames: int | None
) -> None:
    items = [item(f"{index}.mp4", pictures(**clip)) for index, clip in enumerate(clips)]
    found = facts(tmp_path, dataset(*items), trainer, num_frames=1, auto_frame_count=True, fps=16)
    assert found["longest_frames"].value == frames
    assert "longest_frames" not in facts(
        tmp_path, dataset(*items), RELAXIS, num_frames=1, auto_frame_count=True, fps=16
    )
    assert "longest_frames" not in facts(tmp_path, dataset(*items), trainer, fps=16)


def test_the_middle_and_the_worst_clip_are_told_apart(tmp_path: Path) -> None:
    clips = [item(f"{index}.mp4") for index in range(4)]
    found = facts(tmp_path, dataset(*clips, item("long.mp4", pictures(decoded=241, declared=241))))
    assert found["speed_off"].value == 1
    assert found["speed_off_worst"].value == 3
    assert found["speeds"].value == "1.00 (0.mp4) to 3.00 (long.mp4) times their own speed"
    assert found["speed_off_worst"].places == (Place("long.mp4"),)


def test_slow_is_as_far_off_as_fast(tmp_path: Path) -> None:
    half = pictures(decoded=41, declared=41)
    assert facts(tmp_path, dataset(item("a.mp4", half)))["speed_off_worst"].value == 2


def test_without_the_clips_a_rate_can_still_be_wrong(tmp_path: Path) -> None:
    for trainer, off in ((AI_TOOLKIT, 1.5), (RELAXIS, 1.0)):
        found = facts(tmp_path, None, trainer, shrink_video_to_frames=False)
        assert found["speed_off_worst"].value == off, "the trainers' defaults are 24 and 16"
    assert "speed_off_worst" not in facts(tmp_path, None), "a shrunk clip's speed is its length, which is not known"


def test_the_clips_decide_where_they_are_at_hand(tmp_path: Path) -> None:
    found = facts(tmp_path, dataset(item("a.mp4")), AI_TOOLKIT, shrink_video_to_frames=False)
    assert found["speed_off_worst"].value == 1, "16 frames a second read as 24 keeps every frame"


def test_an_unknown_model_has_no_rate(tmp_path: Path) -> None:
    assert "speeds" not in facts(tmp_path, dataset(item("a.mp4")), top={"model": {"arch": "flux"}})
    fast = facts(tmp_path, dataset(item("a.mp4")), top={"model": {"arch": "wan22_5b"}})
    assert fast["speed_off_worst"].value == 1.5, "the 5B makes 24 frames a second"


def test_short_and_small_clips_are_named(tmp_path: Path) -> None:
    clips = dataset(item("a.mp4"), item("b.mp4", pictures(decoded=80, declared=80, width=320, height=320)))
    found = facts(tmp_path, clips)
    assert (found["short_clips"].value, found["short_clip_files"].value) == (1, "b.mp4 (80 frames)")
    assert (found["area_share"].value, found["smallest_clip"].value) == (0.25, "b.mp4 (320 x 320)")


@pytest.mark.parametrize(("resolution", "share"), [(640, 1), ([512, 1280], 0.25), ([], 1.5625), (None, 1.5625)])
def test_the_largest_resolution_counts(tmp_path: Path, resolution: object, share: float) -> None:
    assert facts(tmp_path, dataset(item("a.mp4")), resolution=resolution)["area_share"].value == share


def test_single_frames_have_no_speed(tmp_path: Path) -> None:
    for reading in (None, dataset(item("a.png"))):
        assert facts(tmp_path, reading, num_frames=1)["speed_off_worst"].value == 1


@pytest.mark.parametrize(("frames", "count", "speed"), [(2, 2, 1.0), (1, 2, None), (2, 1, None), (3, 2, 2.0)])
def test_two_frames_have_a_speed(frames: int, count: int, speed: float | None) -> None:
    assert apparent_speed(frames, 16, replace(SPEC, num_frames=count), 24, 16) == speed


@pytest.mark.parametrize(("frames", "speed"), [(162, 1.0), (161, 160 / 32 / 5)])
def test_a_clip_with_just_enough_frames_is_not_stretched(frames: int, speed: float) -> None:
    assert apparent_speed(frames, 32, READ, 16, 16) == pytest.approx(speed)


def test_a_resolution_of_one_is_the_least_that_counts(tmp_path: Path) -> None:
    for side, share in ((1, 640 * 640), (0.5, 640 * 640 / 512**2), (0, 640 * 640 / 512**2)):
        found = facts(tmp_path, dataset(item("a.mp4")), resolution=[side])
        assert found["area_share"].value == pytest.approx(share), side


def test_single_frames_are_no_short_clips(tmp_path: Path) -> None:
    for frames in (1, 0):
        found = facts(tmp_path, None, num_frames=frames)
        assert (found["short_clips"].value, found["speed_off_worst"].value) == (0, 1)
    assert "short_clips" not in facts(tmp_path, None, num_frames=2, shrink_video_to_frames=False)

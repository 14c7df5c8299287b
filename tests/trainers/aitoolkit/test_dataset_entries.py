from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from builders import reading

from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.trainers.aitoolkit.dataset_entries import SIZES, dataset_specs, has_foreign_sizes


def spec(folder: Path, **keys: Any) -> DatasetSpec:
    (found,) = dataset_specs(reading(folder, datasets=[keys]))
    return found


def test_what_is_not_written_is_as_the_trainer_has_it(tmp_path: Path) -> None:
    found = spec(tmp_path, folder_path="clips")
    assert (found.subject, found.folder, found.caption_ext) == ("datasets[0]", "clips", ".txt")
    assert (found.num_frames, found.shrink, found.fps, found.counts_itself) == (1, True, None, False)


def test_the_newer_key_for_the_folder_wins(tmp_path: Path) -> None:
    found = spec(tmp_path, folder_path="old", dataset_path="new")
    assert found.folder == "new"
    assert found.place.key == "config.process[0].datasets[0].dataset_path"


@pytest.mark.parametrize(("written", "read"), [("md", ".md"), (".caption", ".caption"), (None, ".txt"), (3, ".txt")])
def test_a_caption_ending_has_a_dot(tmp_path: Path, written: Any, read: str) -> None:
    assert spec(tmp_path, folder_path="x", caption_ext=written).caption_ext == read


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        ({"caption_type": "txt"}, "txt"),
        ({"caption_type": ".md", "caption_ext": "txt"}, ".md"),
        ({"caption_type": None, "caption_ext": "md"}, ".md"),
        ({"caption_type": "", "caption_ext": ""}, ""),
    ],
)
def test_the_legacy_caption_ending_is_taken_as_it_stands(tmp_path: Path, keys: dict[str, Any], read: str) -> None:
    assert spec(tmp_path, folder_path="x", **keys).caption_ext == read


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ({"num_frames": 81}, 81),
        ({"num_frames": 81, "shrink_video_to_frames": None}, None),
        ({"num_frames": 81, "shrink_video_to_frames": False}, None),
        ({"num_frames": 81, "auto_frame_count": True}, None),
        ({"num_frames": "many"}, 1),
        ({"num_frames": 1e300}, 1),
        ({"num_frames": -3}, 1),
    ],
)
def test_how_many_frames_are_spread_over_a_clip(tmp_path: Path, keys: dict[str, Any], taken: int | None) -> None:
    assert spec(tmp_path, folder_path="x", **keys).taken == taken


@pytest.mark.parametrize("datasets", [None, "clips", {"folder_path": "x"}, ["clips", 3]])
def test_datasets_of_another_shape_are_none(tmp_path: Path, datasets: Any) -> None:
    assert dataset_specs(reading(tmp_path, datasets=datasets)) == ()


@pytest.mark.parametrize(
    ("content", "foreign"),
    [
        ({"__version__": "0.1.2", "/a.mp4": [1, 2, "s"]}, False),
        ({"__version__": "0.1.2", "/a.mp4": [1, 2, "s", 81, 16.0]}, True),
        ({}, False),
        ([1, 2, 3, 4], None),
    ],
)
def test_five_values_are_upstreams(tmp_path: Path, content: Any, foreign: bool | None) -> None:
    (tmp_path / SIZES).write_text(json.dumps(content))
    assert has_foreign_sizes(tmp_path) is foreign


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SIZES).write_bytes(content)
    assert has_foreign_sizes(tmp_path) is None


def test_a_folder_without_one_says_nothing(tmp_path: Path) -> None:
    assert has_foreign_sizes(tmp_path) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_of_its_name_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / SIZES)
    assert has_foreign_sizes(tmp_path) is None

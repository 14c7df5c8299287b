"""Everything that a data set holds, read once; what is not here costs a remark at most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import reading
from clips import write_set

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Remark
from diagnose.sources.dataset import inspection
from diagnose.sources.dataset.inspection import AS_WRITTEN, as_written, locate_given, read_datasets
from diagnose.sources.dataset.listing import CaptionState, DatasetReading, DatasetSpec
from diagnose.sources.video import workers
from diagnose.sources.video.frames import Job, Pictures, Unread
from diagnose.sources.video.workers import decode_all
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs


def read_all(
    found: tuple[DatasetSpec, ...], given: Path | None = None
) -> tuple[tuple[DatasetReading, ...], tuple[Remark, ...]]:
    return read_datasets(found, given)


def specs(folder: Path, *entries: dict[str, Any]) -> tuple[DatasetSpec, ...]:
    (folder / "config").mkdir(exist_ok=True)
    return dataset_specs(reading(folder / "config", datasets=list(entries)))


def test_a_data_set_is_listed_decoded_and_its_captions_read(tmp_path: Path) -> None:
    data = write_set(tmp_path / "clips", 2)
    (data / "clip01.txt").unlink()
    (found,), remarks = read_all(specs(tmp_path, {"folder_path": str(data), "num_frames": 17}))
    assert (found.subject, found.folder, found.complete, remarks) == ("datasets[0]", data, True, ())
    assert [item.media.file for item in found.items] == ["clip00.mp4", "clip01.mp4"]
    assert [item.caption.state for item in found.items] == [CaptionState.TEXT, CaptionState.MISSING]
    assert all(isinstance(item.pictures, Pictures) and item.pictures.decoded == 17 for item in found.items)


def test_hidden_files_are_not_decoded_and_remarked(tmp_path: Path) -> None:
    data = write_set(tmp_path / "clips", 1)
    (data / "._clip00.mp4").write_bytes(b"x")
    (found,), _ = read_all(specs(tmp_path, {"folder_path": str(data), "num_frames": 17}))
    assert [item.pictures is None for item in found.items] == [True, False]
    assert "a hidden file (1 in all)" in found.remarks[0].text


def test_a_folder_that_serves_two_entries_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_set(tmp_path / "clips", 1)
    calls: list[int] = []

    def counting(jobs: Sequence[Job]) -> list[Pictures | Unread]:
        calls.append(len(jobs))
        return decode_all(jobs)

    monkeypatch.setattr(workers, "decode_all", counting)
    same = {"folder_path": str(data), "num_frames": 17}
    found, _ = read_all(specs(tmp_path, same, {**same, "resolution": 768}, {**same, "num_frames": 9}))
    assert [each.subject for each in found] == ["datasets[0]", "datasets[1]", "datasets[2]"]
    assert calls == [1, 1], "another number of frames is another look"


def test_a_data_set_on_another_machine_is_no_news(tmp_path: Path) -> None:
    assert read_all(specs(tmp_path, {"folder_path": "/workspace/clips"})) == ((), ())


def test_one_that_is_not_in_the_folder_given_is_remarked_at_its_line(tmp_path: Path) -> None:
    write_set(tmp_path / "walk", 1)
    entries = ({"folder_path": "/w/walk"}, {"folder_path": "/w/jump"})
    (found,), (remark,) = read_all(specs(tmp_path, *entries), tmp_path)
    assert found.folder == tmp_path / "walk"
    assert remark.place.key == "config.process[0].datasets[1].folder_path"


def test_a_folder_that_cannot_be_listed_stops_only_whoever_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise DiagnoseError(f"{folder}: cannot be listed")

    monkeypatch.setattr(inspection, "list_media", refuse)
    entry = specs(tmp_path, {"folder_path": str(tmp_path)})
    found, (remark,) = read_all(entry)
    assert (found, remark.text) == ((), f"{tmp_path}: cannot be listed")
    with pytest.raises(DiagnoseError, match="cannot be listed"):
        read_all(entry, tmp_path)


def in_folders(folder: Path, *paths: str | None) -> tuple[DatasetSpec, ...]:
    return specs(folder, *({"folder_path": path} for path in paths))


def test_a_folder_that_is_here_is_read_where_the_config_says(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    here, gone, none = map(as_written, in_folders(tmp_path, str(tmp_path / "clips"), "/nowhere/clips", None))
    assert here == (tmp_path / "clips", AS_WRITTEN)
    assert gone == (None, "the folder is not on this machine")
    assert none == (None, "the config names no folder")


def test_one_data_set_lies_in_the_folder_given(tmp_path: Path) -> None:
    found = locate_given(in_folders(tmp_path, "/workspace/a", "/workspace/a"), tmp_path, "--dataset")
    assert [folder for folder, _ in found] == [tmp_path, tmp_path]


@pytest.mark.parametrize("written", ["/workspace/{}", "C:\\data\\{}", "{}/"])
def test_several_are_found_by_their_names(tmp_path: Path, written: str) -> None:
    for name in ("walk", "jump"):
        (tmp_path / name).mkdir()
    names = in_folders(tmp_path, *(written.format(name) for name in ("walk", "jump", "swim")))
    found = locate_given(names, tmp_path, "--dataset")
    assert [folder for folder, _ in found] == [tmp_path / "walk", tmp_path / "jump", None]


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "a").mkdir()
    found = locate_given(in_folders(tmp_path, "x/..", "y/a"), tmp_path / "inside", "--dataset")
    assert [folder for folder, _ in found] == [None, tmp_path / "inside" / "a"]


@pytest.mark.parametrize(
    ("paths", "given", "words"),
    [
        (("a",), "gone", "no such folder; give the folder of the clips and captions (--dataset)"),
        (("a",), "config/config.yaml", "is not a folder"),
        ((), ".", "the config has no datasets"),
        (("/w/a", "/w/b"), ".", "give the folder that holds a, b"),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_line(
    tmp_path: Path, paths: tuple[str, ...], given: str, words: str
) -> None:
    named = in_folders(tmp_path, *paths)
    with pytest.raises(DiagnoseError) as error:
        locate_given(named, tmp_path / given, "--dataset")
    assert words in str(error.value)
    assert "\n" not in str(error.value)

"""Everything that a data set holds, read once; what is not here costs a remark at most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import reading
from clips import write_set

from diagnose.core.errors import DiagnoseError
from diagnose.sources.dataset import inspection
from diagnose.sources.dataset.inspection import read_datasets
from diagnose.sources.dataset.media import CaptionState, DatasetSpec
from diagnose.sources.video.frames import Job, Pictures, Unread
from diagnose.sources.video.workers import decode_all
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs


def specs(folder: Path, *entries: dict[str, Any]) -> tuple[DatasetSpec, ...]:
    (folder / "config").mkdir(exist_ok=True)
    return dataset_specs(reading(folder / "config", datasets=list(entries)))


def test_a_data_set_is_listed_decoded_and_its_captions_read(tmp_path: Path) -> None:
    data = write_set(tmp_path / "clips", 2)
    (data / "clip01.txt").unlink()
    (found,), remarks = read_datasets(specs(tmp_path, {"folder_path": str(data), "num_frames": 17}))
    assert (found.subject, found.folder, found.complete, remarks) == ("datasets[0]", data, True, ())
    assert [item.media.file for item in found.items] == ["clip00.mp4", "clip01.mp4"]
    assert [item.caption.state for item in found.items] == [CaptionState.TEXT, CaptionState.MISSING]
    assert all(isinstance(item.pictures, Pictures) and item.pictures.decoded == 17 for item in found.items)


def test_hidden_files_are_not_decoded_and_remarked(tmp_path: Path) -> None:
    data = write_set(tmp_path / "clips", 1)
    (data / "._clip00.mp4").write_bytes(b"x")
    (found,), _ = read_datasets(specs(tmp_path, {"folder_path": str(data), "num_frames": 17}))
    assert [item.pictures is None for item in found.items] == [True, False]
    assert "a hidden file (1 in all)" in found.remarks[0].text


def test_a_folder_that_serves_two_entries_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_set(tmp_path / "clips", 1)
    calls: list[int] = []

    def counting(jobs: Sequence[Job]) -> list[Pictures | Unread]:
        calls.append(len(jobs))
        return decode_all(jobs)

    monkeypatch.setattr(inspection, "decode_all", counting)
    same = {"folder_path": str(data), "num_frames": 17}
    found, _ = read_datasets(specs(tmp_path, same, {**same, "resolution": 768}, {**same, "num_frames": 9}))
    assert [each.subject for each in found] == ["datasets[0]", "datasets[1]", "datasets[2]"]
    assert calls == [1, 1], "another number of frames is another look"


def test_a_data_set_on_another_machine_is_no_news(tmp_path: Path) -> None:
    assert read_datasets(specs(tmp_path, {"folder_path": "/workspace/clips"})) == ((), ())


def test_one_that_is_not_in_the_folder_given_is_remarked_at_its_line(tmp_path: Path) -> None:
    write_set(tmp_path / "walk", 1)
    entries = ({"folder_path": "/w/walk"}, {"folder_path": "/w/jump"})
    (found,), (remark,) = read_datasets(specs(tmp_path, *entries), tmp_path)
    assert found.folder == tmp_path / "walk"
    assert remark.place.key == "config.process[0].datasets[1].folder_path"


def test_a_folder_that_cannot_be_listed_stops_only_whoever_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise DiagnoseError(f"{folder}: cannot be listed")

    monkeypatch.setattr(inspection, "list_media", refuse)
    entry = specs(tmp_path, {"folder_path": str(tmp_path)})
    found, (remark,) = read_datasets(entry)
    assert (found, remark.text) == ((), f"{tmp_path}: cannot be listed")
    with pytest.raises(DiagnoseError, match="cannot be listed"):
        read_datasets(entry, tmp_path)

from __future__ import annotations

from pathlib import Path

import pytest
from builders import reading

from diagnose.core.errors import DiagnoseError
from diagnose.sources.dataset.locate import AS_WRITTEN, locate_as_written, locate_given
from diagnose.sources.dataset.media import DatasetSpec
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs


def specs(folder: Path, *paths: str | None) -> tuple[DatasetSpec, ...]:
    (folder / "config").mkdir()
    return dataset_specs(reading(folder / "config", datasets=[{"folder_path": path} for path in paths]))


def test_a_folder_that_is_here_is_read_where_the_config_says(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    here, gone, none = locate_as_written(specs(tmp_path, str(tmp_path / "clips"), "/nowhere/clips", None))
    assert (here.folder, here.how) == (tmp_path / "clips", AS_WRITTEN)
    assert (gone.folder, gone.how) == (None, "the folder is not on this machine")
    assert (none.folder, none.how) == (None, "the config names no folder")


def test_one_data_set_lies_in_the_folder_given(tmp_path: Path) -> None:
    found = locate_given(specs(tmp_path, "/workspace/a", "/workspace/a"), tmp_path, "--dataset")
    assert [each.folder for each in found] == [tmp_path, tmp_path]


@pytest.mark.parametrize("written", ["/workspace/{}", "C:\\data\\{}", "{}/"])
def test_several_are_found_by_their_names(tmp_path: Path, written: str) -> None:
    for name in ("walk", "jump"):
        (tmp_path / name).mkdir()
    names = specs(tmp_path, *(written.format(name) for name in ("walk", "jump", "swim")))
    found = locate_given(names, tmp_path, "--dataset")
    assert [each.folder for each in found] == [tmp_path / "walk", tmp_path / "jump", None]


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "a").mkdir()
    found = locate_given(specs(tmp_path, "x/..", "y/a"), tmp_path / "inside", "--dataset")
    assert [each.folder for each in found] == [None, tmp_path / "inside" / "a"]


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
    named = specs(tmp_path, *paths)
    with pytest.raises(DiagnoseError) as error:
        locate_given(named, tmp_path / given, "--dataset")
    assert words in str(error.value)
    assert "\n" not in str(error.value)

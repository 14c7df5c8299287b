from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.sources.dataset import listing
from diagnose.sources.dataset.listing import list_media
from diagnose.sources.dataset.readings import MediaKind


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_clips_and_stills_are_listed_by_their_endings_at_any_depth(tmp_path: Path) -> None:
    fill(tmp_path, "b.MP4", "a.webm", "sub/c.mov", "d.png", "a.txt", "notes.md", "sub/_controls/e.png")
    found = list_media(tmp_path)
    assert [(media.file, media.kind) for media in found.media] == [
        ("a.webm", MediaKind.CLIP),
        ("b.MP4", MediaKind.CLIP),
        ("d.png", MediaKind.STILL),
        ("sub/c.mov", MediaKind.CLIP),
    ]
    assert found.complete


def test_hidden_files_and_folders_are_marked(tmp_path: Path) -> None:
    fill(tmp_path, "._a.mp4", "a.mp4", ".thumbs/b.png")
    assert {media.file: media.hidden for media in list_media(tmp_path).media} == {
        "._a.mp4": True,
        "a.mp4": False,
        ".thumbs/b.png": True,
    }


def test_pipes_and_folders_with_a_clips_name_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").mkdir()
    assert list_media(tmp_path).media == ()


def test_names_that_are_no_text_are_marked(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff\nb.mp4")).write_bytes(b"x")
    (media,) = list_media(tmp_path).media
    assert media.file == "a\ufffd\ufffdb.mp4"
    assert media.path.exists()


def test_a_folder_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_MEDIA", 3)
    found = list_media(fill(tmp_path, *(f"{index}.mp4" for index in range(9))))
    assert (len(found.media), found.complete) == (3, False)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match="cannot be listed"):
        list_media(tmp_path / "gone")

from __future__ import annotations

import os
from pathlib import Path

import pytest
from builders import reading
from hypothesis import given
from hypothesis import strategies as st

from diagnose.core.errors import DiagnoseError
from diagnose.sources.dataset import listing
from diagnose.sources.dataset.listing import (
    MAX_BYTES,
    Caption,
    CaptionState,
    MediaFile,
    MediaKind,
    list_media,
    read_caption,
)
from diagnose.trainers.aitoolkit.dataset_entries import dataset_specs


@pytest.mark.parametrize(
    ("entry", "taken"),
    [
        ({"num_frames": 17}, 17),
        ({"num_frames": 17, "auto_frame_count": True}, None),
        ({"num_frames": 17, "shrink_video_to_frames": False}, None),
    ],
)
def test_frames_are_spread_over_a_clip_that_is_shrunk(
    tmp_path: Path, entry: dict[str, object], taken: int | None
) -> None:
    (spec,) = dataset_specs(reading(tmp_path, datasets=[entry]))
    assert spec.taken == taken


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


def media(folder: Path, name: str = "a.mp4") -> MediaFile:
    return MediaFile(name, folder / name, MediaKind.CLIP, 1, hidden=False)


def test_an_ending_without_its_dot_finds_no_caption(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a dancer spins")
    assert read_caption(media(tmp_path), "txt") == Caption("atxt", CaptionState.MISSING)


@pytest.mark.parametrize(
    ("content", "caption"),
    [
        (b"a dancer spins", Caption("a.txt", CaptionState.TEXT, "a dancer spins", 1)),
        (b"\xef\xbb\xbf\n\r\n  a dancer spins\n", Caption("a.txt", CaptionState.TEXT, "a dancer spins", 3)),
        (b"", Caption("a.txt", CaptionState.EMPTY)),
        (b" \n\t\n", Caption("a.txt", CaptionState.EMPTY)),
        (b"first\nStra\xdfe", Caption("a.txt", CaptionState.NOT_UTF8, line=2)),
        (b"x" * (MAX_BYTES + 1), Caption("a.txt", CaptionState.TOO_LARGE)),
        (None, Caption("a.txt", CaptionState.MISSING)),
    ],
)
def test_a_caption_is_what_the_trainer_reads(tmp_path: Path, content: bytes | None, caption: Caption) -> None:
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    assert read_caption(media(tmp_path), ".txt") == caption


def test_the_extension_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "a.b.caption").write_text("words")
    assert read_caption(media(tmp_path, "a.b.mp4"), ".caption").state is CaptionState.TEXT


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert read_caption(media(tmp_path), ".txt").state is CaptionState.UNREADABLE


@given(content=st.binary(max_size=200))
def test_any_bytes_have_a_state(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("captions")
    (folder / "a.txt").write_bytes(content)
    found = read_caption(media(folder), ".txt")
    assert (found.state is CaptionState.TEXT) is bool(found.text)
    if found.line is not None:
        assert 1 <= found.line <= content.count(b"\n") + 1

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.sources.dataset.captions import MAX_BYTES, read_caption
from diagnose.sources.dataset.readings import Caption, CaptionState, MediaFile, MediaKind


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

"""A strip: three pictures of a video in a row, small, whatever it is kept in."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clips import animated_webp, moving, picture, still, write_clip
from numpy.typing import NDArray

from diagnose.sources.video import decoder
from diagnose.sources.video.frames import Strip, Unread
from diagnose.sources.video.strip import HEIGHT, WIDEST, chosen
from diagnose.sources.video.workers import strips


def strip(path: Path, around: int | None = None) -> NDArray[np.uint8]:
    answer = decoder.answer({"path": str(path), "strip": True, "around": around})
    with av.open(BytesIO(base64.b64decode(answer["strip"]))) as container:
        shown: NDArray[np.uint8] = np.asarray(next(container.decode(video=0)).to_ndarray(format="gray"), dtype=np.uint8)
    return shown


def small(frame: Any, width: int) -> NDArray[np.uint8]:
    one = av.VideoFrame.from_ndarray(frame, format="gray").reformat(width=width, height=HEIGHT, interpolation="AREA")
    return one.to_ndarray().astype(np.uint8)


@pytest.mark.parametrize("name", ["a.mp4", "a.webp"])
def test_start_middle_and_end_stand_side_by_side(tmp_path: Path, name: str) -> None:
    frames = moving(9)
    path = tmp_path / name
    made = animated_webp(path, frames) if name.endswith("webp") else write_clip(path, frames)
    shown = strip(made)
    width = shown.shape[1] // 3
    assert shown.shape[0] == HEIGHT
    for index, frame in enumerate((frames[0], frames[4], frames[8])):
        part = shown[:, index * width : (index + 1) * width]
        others = [np.abs(part.astype(int) - small(each, width)).mean() for each in (frames[0], frames[4], frames[8])]
        assert others.index(min(others)) == index
        assert np.abs(part.astype(int) - small(frame, width)).mean() < 8


def test_the_middle_picture_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    frames = moving(24)
    shown = strip(write_clip(tmp_path / "a.mp4", frames), around=15)
    width = shown.shape[1] // 3
    for index, at in enumerate((12, 15, 18)):
        part = shown[:, index * width : (index + 1) * width].astype(int)
        apart = [np.abs(part - small(frame, width)).mean() for frame in frames]
        assert apart.index(min(apart)) == at


@pytest.mark.parametrize(
    ("count", "around", "taken"),
    [
        (1, None, (0,)),
        (2, 1, (0, 1)),
        (3, 0, (0, 1, 2)),
        (81, None, (0, 40, 80)),
        (81, 40, (30, 40, 50)),
        (81, 2, (0, 10, 20)),
        (81, 80, (60, 70, 80)),
        (81, 500, (60, 70, 80)),
    ],
)
def test_a_strip_lies_within_the_clip(count: int, around: int | None, taken: tuple[int, ...]) -> None:
    assert chosen(count, around) == taken


def test_a_picture_is_shown_once(tmp_path: Path) -> None:
    one = strip(animated_webp(tmp_path / "a.webp", [picture()]))
    assert one.shape == (HEIGHT, round(160 * HEIGHT / 96) // 2 * 2)


def test_a_wide_picture_stays_small(tmp_path: Path) -> None:
    assert strip(write_clip(tmp_path / "a.mp4", still(4, width=960, height=96))).shape[1] == 3 * WIDEST


def test_files_that_show_nothing_are_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "no.webp").write_bytes(b"RIFF\x10\0\0\0WEBPVP8X" + bytes(20))
    (tmp_path / "empty.webp").write_bytes(b"")
    good = write_clip(tmp_path / "a.mp4", moving(3))
    found = strips(
        [(path, None) for path in (tmp_path / "no.webp", good, tmp_path / "empty.webp", tmp_path / "gone.webp")]
    )
    assert [isinstance(each, Strip) for each in found] == [False, True, False, False]
    assert isinstance(found[2], Unread)
    assert found[2].reason == "is empty"

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
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from diagnose.sources.video import decoder
from diagnose.sources.video.frames import Strip, Unread
from diagnose.sources.video.strip import HEIGHT, MOST_FRAMES, WIDEST, take_apart
from diagnose.sources.video.workers import strips


def chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def number(value: int) -> bytes:
    return value.to_bytes(3, "little")


def frame(*parts: tuple[bytes, bytes], left: int = 0, top: int = 0, flags: int = 0) -> bytes:
    head = number(left // 2) + number(top // 2) + number(9) + number(7) + number(40) + bytes([flags])
    return chunk(b"ANMF", head + b"".join(chunk(*part) for part in parts))


def animation(*frames: bytes, width: int = 64, height: int = 48) -> bytes:
    head = chunk(b"VP8X", b"\x02\0\0\0" + number(width - 1) + number(height - 1))
    inside = b"WEBP" + head + chunk(b"ANIM", bytes(6)) + b"".join(frames)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


def test_a_frame_becomes_a_still_of_its_own() -> None:
    found = take_apart(animation(frame((b"VP8 ", b"abc"), left=4, top=6)))
    assert found is not None
    assert (found.width, found.height) == (64, 48)
    (one,) = found.frames
    assert (one.left, one.top, one.laid_over) == (4, 6, True)
    assert one.still == b"RIFF" + (4 + 12).to_bytes(4, "little") + b"WEBP" + chunk(b"VP8 ", b"abc")


def test_transparency_goes_with_its_frame_and_other_chunks_do_not() -> None:
    found = take_apart(animation(frame((b"ALPH", b"a"), (b"XMP ", b"no"), (b"VP8 ", b"abcd"), flags=2)))
    assert found is not None
    (one,) = found.frames
    assert one.laid_over is False
    assert one.still[12:] == chunk(b"VP8X", b"\x10\0\0\0" + number(9) + number(7)) + chunk(b"ALPH", b"a") + chunk(
        b"VP8 ", b"abcd"
    )


def test_a_frame_that_is_cut_off_is_left_out() -> None:
    whole = animation(frame((b"VP8 ", b"first")), frame((b"VP8 ", b"second")))
    cut = take_apart(whole[:-3])
    assert cut is not None
    assert len(cut.frames) == 1
    many = take_apart(animation(*[frame((b"VP8 ", b"x"))] * (MOST_FRAMES + 5)))
    assert many is not None
    assert len(many.frames) == MOST_FRAMES


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WEBPVP8 ", animation(), animation()[:24]])
def test_what_is_no_animation_is_none(data: bytes) -> None:
    assert take_apart(data) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_an_animation_or_none(tail: bytes) -> None:
    found = take_apart(animation(tail))
    assert found is None or all(one.still.startswith(b"RIFF") for one in found.frames)


def test_an_encoders_file_is_taken_apart(tmp_path: Path) -> None:
    found = take_apart(animated_webp(tmp_path / "a.webp", moving(5)).read_bytes())
    assert found is not None
    assert len(found.frames) == 5


def strip(path: Path) -> NDArray[np.uint8]:
    answer = decoder.answer({"path": str(path), "strip": True})
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


def test_a_picture_is_shown_once(tmp_path: Path) -> None:
    one = strip(animated_webp(tmp_path / "a.webp", [picture()]))
    assert one.shape == (HEIGHT, round(160 * HEIGHT / 96) // 2 * 2)


def test_a_wide_picture_stays_small(tmp_path: Path) -> None:
    assert strip(write_clip(tmp_path / "a.mp4", still(4, width=960, height=96))).shape[1] == 3 * WIDEST


def test_files_that_show_nothing_are_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "no.webp").write_bytes(b"RIFF\x10\0\0\0WEBPVP8X" + bytes(20))
    (tmp_path / "empty.webp").write_bytes(b"")
    good = write_clip(tmp_path / "a.mp4", moving(3))
    found = strips([tmp_path / "no.webp", good, tmp_path / "empty.webp", tmp_path / "gone.webp"])
    assert [isinstance(each, Strip) for each in found] == [False, True, False, False]
    assert isinstance(found[2], Unread)
    assert found[2].reason == "is empty"

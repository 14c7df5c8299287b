"""An animated WebP is taken apart into stills, and laid together as every browser does."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import animated_webp, moving
from hypothesis import given
from hypothesis import strategies as st

from diagnose.sources.video.webp import take_apart


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
    assert cut.breaks_off


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

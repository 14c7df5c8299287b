"""Files that lie, break off or never end cost themselves alone, and a line each."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from clips import write_clip
from moving_clips import Frame, moving_clip
from PIL import Image

from diagnose.core.cache import Cache
from diagnose.motion.measure import measure_clips
from diagnose.motion.measured import ClipMotion, Unmeasured
from diagnose.sources.video.decoding import MAX_FRAMES

WIDTH_AT, HEIGHT_AT = 24, 27
"""Where an animated WebP has the size of its canvas, less one, in three bytes each."""


def webp(frames: list[Frame], milliseconds: int = 62) -> bytes:
    buffer = io.BytesIO()
    first, *others = [Image.fromarray(frame).convert("RGB") for frame in frames]
    first.save(buffer, format="WEBP", save_all=True, append_images=others, duration=milliseconds, quality=80)
    return buffer.getvalue()


PAN = webp(moving_clip("pan", 0.3, width=160, height=120, count=7))


def sized(width: int, height: int) -> bytes:
    data = bytearray(PAN)
    data[WIDTH_AT : WIDTH_AT + 3] = struct.pack("<I", width - 1)[:3]
    data[HEIGHT_AT : HEIGHT_AT + 3] = struct.pack("<I", height - 1)[:3]
    return bytes(data)


HOSTILE = {
    "cut off in its first frame": PAN[:200],
    "a canvas of 16 million pixels a side": sized(1 << 24, 1 << 24),
    "a canvas of 8000 x 6000": sized(8000, 6000),
    "a canvas smaller than its frames": sized(8, 8),
    "no duration at all": webp(moving_clip("pan", 0.3, width=160, height=120, count=4), 0),
    "nothing but a head": PAN[:30],
    "empty": b"",
    "a page": b"<!doctype html><title>404</title>",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    for name, content in HOSTILE.items():
        (home / f"{name}.webp").write_bytes(content)
    (home / "whole\n.webp").write_bytes(PAN)
    return home


def test_each_costs_itself_alone(folder: Path) -> None:
    paths = [*sorted(folder.iterdir()), folder]
    found = dict(zip(paths, measure_clips(paths, Cache(None)), strict=True))
    whole = found.pop(folder / "whole\n.webp")
    assert isinstance(whole, ClipMotion)
    assert whole.amount == pytest.approx(0.3, rel=0.1)
    for path, each in found.items():
        assert isinstance(each, Unmeasured) or each.still or each.amount is None, path.name
        assert isinstance(each, ClipMotion) or "\n" not in each.reason


def test_what_is_cut_off_is_measured_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.webp"
    path.write_bytes(PAN[: len(PAN) * 2 // 3])
    found = measure_clips([path], Cache(None))[0]
    assert isinstance(found, ClipMotion)
    assert 2 <= found.frames < 7
    assert found.amount == pytest.approx(0.3, rel=0.15)


def test_what_is_longer_than_any_preview_is_measured_in_part(tmp_path: Path) -> None:
    there = moving_clip("pan", 0.3, width=64, height=48, count=20)
    path = write_clip(tmp_path / "long.mp4", [*there, *reversed(there)] * (MAX_FRAMES // 40 + 2))
    found = measure_clips([path], Cache(None))[0]
    assert isinstance(found, ClipMotion)
    assert found.frames == MAX_FRAMES
    assert found.pairs <= 160
    assert found.amount == pytest.approx(0.3, rel=0.15)

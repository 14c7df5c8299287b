"""What decoding shows of a clip: its frames, its damage and its movement. In this process, for what it computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from clips import HEIGHT, WIDTH, moving, noisy, small_object, still, write_clip

from diagnose.sources.video import decoder, decoding

STATIC = 5.0


def look(path: Path, **request: Any) -> dict[str, Any]:
    return decoder.answer({"path": str(path), "still": False, "count": 17, "fps": None} | request)


@pytest.mark.parametrize(
    ("frames", "moves"),
    [
        pytest.param(still(), False, id="still"),
        pytest.param(noisy(), False, id="noise alone"),
        pytest.param(moving(), True, id="everything moves"),
        pytest.param(small_object(), True, id="a small object moves"),
    ],
)
def test_noise_is_no_movement_and_a_small_object_is(tmp_path: Path, frames: list[Any], moves: bool) -> None:
    seen = look(write_clip(tmp_path / "a.mp4", frames))
    assert (seen["movement"] >= STATIC) is moves


def test_a_slow_drift_is_movement(tmp_path: Path) -> None:
    frames = [moving(40)[index // 4] for index in range(40)]
    assert look(write_clip(tmp_path / "a.mp4", frames))["movement"] > STATIC


def test_what_the_container_and_the_frames_say(tmp_path: Path) -> None:
    seen = look(write_clip(tmp_path / "a.mp4", moving(24), rate=24))
    assert (seen["width"], seen["height"]) == (WIDTH, HEIGHT)
    assert (seen["rate"], seen["declared"], seen["decoded"], seen["damaged"]) == (24, 24, 24, 0)
    assert seen["whole"] is True


def test_a_container_that_counts_no_frames_is_counted_by_its_length(tmp_path: Path) -> None:
    assert look(write_clip(tmp_path / "a.mkv", moving(32)))["declared"] == 32


def test_repeated_frames_are_counted_among_those_the_trainer_takes(tmp_path: Path) -> None:
    twice = [frame for frame in moving(16) for _ in range(2)]
    path = write_clip(tmp_path / "a.mkv", twice, codec="ffv1")
    assert look(path, count=32)["identical"] == pytest.approx(16 / 31, abs=1e-3)
    assert look(path, count=None, fps=8.0)["identical"] == 0, "every second frame: none is repeated"


def test_damage_within_a_clip_is_counted(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", moving(60), codec="mpeg4")
    data = bytearray(path.read_bytes())
    for position in range(len(data) // 3, 2 * len(data) // 3, 97):
        data[position] ^= 0xFF
    path.write_bytes(data)
    assert look(path)["damaged"] > 0


def test_a_clip_that_breaks_off_has_fewer_frames_than_it_says(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", moving(60), codec="mpeg4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen = look(path)
    assert seen["decoded"] < seen["declared"]


def test_a_long_clip_is_looked_at_for_so_many_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_FRAMES", 10)
    seen = look(write_clip(tmp_path / "a.mp4", moving(24)))
    assert (seen["decoded"], seen["whole"]) == (10, False)


def test_frames_too_large_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", WIDTH * HEIGHT - 1)
    seen = look(write_clip(tmp_path / "a.mp4", moving(4)))
    assert seen == {"reason": f"frames of {WIDTH} x {HEIGHT} pixels are not decoded", "damage": False}


def test_a_clip_of_one_frame_has_no_movement(tmp_path: Path) -> None:
    assert "movement" not in look(write_clip(tmp_path / "a.mp4", moving(1)))


def test_a_picture_is_decoded_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "%d.png"
    path.write_bytes(PIXEL)
    seen = look(path, still=True)
    assert (seen["width"], seen["height"], seen["decoded"]) == (1, 1, 1)


def test_an_animated_picture_is_decoded_whole(tmp_path: Path) -> None:
    seen = look(write_clip(tmp_path / "a.webp", moving(5), codec="libwebp_anim"), still=True)
    assert (seen["width"], seen["declared"], seen["decoded"], seen["damaged"]) == (WIDTH, 5, 5, 0)


def test_a_picture_that_breaks_off_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PIXEL[:40])
    assert look(path, still=True)["damage"] is True


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""The smallest PNG."""

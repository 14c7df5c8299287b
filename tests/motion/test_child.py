"""What the child answers is what a `ClipMotion` takes."""

from __future__ import annotations

from pathlib import Path

from clips import write_clip
from moving_clips import moving_clip
from msgspec import convert

from diagnose.motion.child import answer
from diagnose.motion.measured import ClipMotion


def test_a_film_gives_figures_and_a_text_a_reason(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "a.mp4", moving_clip("pan", 0.3, count=5))
    found = convert(answer({"path": str(film)}), ClipMotion)
    assert (found.file, found.frames, found.pairs, found.width, found.height) == (str(film), 5, 4, 320, 240)
    text = tmp_path / "b.mp4"
    text.write_text("no film")
    assert answer({"path": str(text)}) == {"reason": "truncated, or not a video", "damage": True}

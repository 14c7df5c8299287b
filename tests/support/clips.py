"""Tiny clips and data sets, made when a test needs them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
WIDTH, HEIGHT = 160, 96
CAPTIONS = (
    "a dancer spins on the spot",
    "a man jumps over a fence",
    "leaves are falling from a tree",
    "waves rolling to the shore",
)


def picture(seed: int = 1, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """A picture of blocks of every brightness."""
    blocks = np.random.default_rng(seed).integers(40, 200, (height // 8 + 1, width // 8 + 1), dtype=np.uint8)
    return blocks.repeat(8, 0).repeat(8, 1)[:height, :width]


def still(count: int = 17, **size: int) -> list[Frame]:
    return [picture(**size)] * count


def noisy(count: int = 17, sigma: float = 4.0) -> list[Frame]:
    rng = np.random.default_rng(2)
    return [np.clip(picture() + rng.normal(0, sigma, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8) for _ in range(count)]


def moving(count: int = 17, **size: int) -> list[Frame]:
    return [np.roll(picture(**size), 2 * index, axis=1) for index in range(count)]


def small_object(count: int = 17, side: int = 8, brightness: int = 30) -> list[Frame]:
    """A small square that crosses a picture which stands still."""
    frames = []
    for index in range(count):
        frame = picture().copy()
        left = 8 * index % (WIDTH - side)
        spot = frame[40 : 40 + side, left : left + side]
        frame[40 : 40 + side, left : left + side] = spot + brightness
        frames.append(frame)
    return frames


def write_clip(path: Path, frames: Sequence[Frame], *, rate: Fraction | int = 16, codec: str = "libx264") -> Path:
    """Write a clip; the container follows the name."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"crf": "20"} if codec == "libx264" else {})
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray")))
        container.mux(stream.encode())
    return path


def animated_webp(path: Path, frames: Sequence[Frame]) -> Path:
    """Write previews as the trainers do."""
    with av.open(str(path), "w", format="webp") as container:
        stream = container.add_stream("libwebp_anim", rate=16)
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray").reformat(format="yuv420p")))
        container.mux(stream.encode())
    return path


def write_set(folder: Path, clips: int = 4, *, frames: int = 17, rate: int = 16) -> Path:
    """Write a data set that nothing is wrong with, for 17 frames at 16 per second, each clip captioned."""
    folder.mkdir(parents=True, exist_ok=True)
    source = write_clip(folder / "clip00.mp4", moving(frames), rate=rate).read_bytes()
    for index in range(clips):
        (folder / f"clip{index:02}.mp4").write_bytes(source)
        (folder / f"clip{index:02}.txt").write_text(f"{CAPTIONS[index % len(CAPTIONS)]}, take {index}\n")
    return folder

"""Clips whose motion is known: a texture that pans, turns, zooms, bends, and an object before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from diagnose.sources.video.decoding import Clip, Shown

Frame = NDArray[np.uint8]
Field = NDArray[np.float64]
Grid = tuple[Field, Field]
OBJECT = 0.18
"""Radius of the object in short sides."""
_AWAY = (200.0, 900.0)
"""Where in the texture the background and the object are."""


@cache
def texture(seed: int = 3) -> NDArray[np.float32]:
    """A picture with detail of every size, 1400 x 1800 pixels."""
    rng = np.random.default_rng(seed)
    height, width = 1400, 1800
    total = np.zeros((height, width), np.float32)
    for cell in (4, 8, 16, 32, 64):
        coarse = rng.standard_normal((height // cell + 2, width // cell + 2)).astype(np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(cell**0.5)
    scaled = (total - total.mean()) / total.std() * 45 + 128
    return np.asarray(np.clip(scaled, 0, 255), dtype=np.float32)


def moving_clip(
    kind: str, speed: float, *, width: int = 320, height: int = 240, rate: float = 16, count: int = 17, seed: int = 3
) -> list[Frame]:
    """Return the frames of a clip; `speed` is in short sides per second, of a turn in radians per second."""
    side = min(width, height)
    across, down = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
    frames = []
    for index in range(count):
        time = index / rate
        frame = _looked_up(_ground(kind, speed * time, across, down), side, _AWAY[0], seed)
        if kind in _WITH_OBJECT:
            left = width / 2 + side * (0.9 * speed * time - 0.45 * speed * count / rate)
            inside = (across - left) ** 2 + (down - height / 2) ** 2 < (OBJECT * side) ** 2
            thing = _looked_up((across - left, down - height / 2), side, _AWAY[1], seed)
            frame = np.where(inside, thing, frame)
        frames.append(np.clip(frame, 0, 255).round().astype(np.uint8))
    return frames


_WITH_OBJECT = {"object", "object before a pan"}


def _ground(kind: str, way: float, across: Field, down: Field) -> Grid:
    """Return where in the picture each pixel comes from, after a way in short sides, or an angle."""
    side, middle = min(across.shape), (across.shape[1] / 2, across.shape[0] / 2)
    right, low = across - middle[0], down - middle[1]
    ways: Mapping[str, Callable[[], Grid]] = {
        "pan": lambda: (across + way * side, down),
        "object before a pan": lambda: (across - 0.25 * way * side, down),
        "rotation": lambda: (
            middle[0] + np.cos(way) * right - np.sin(way) * low,
            middle[1] + np.sin(way) * right + np.cos(way) * low,
        ),
        "zoom": lambda: (middle[0] + right * np.exp(-way), middle[1] + low * np.exp(-way)),
        "deformation": lambda: (
            across + _BEND * side * np.sin(way / _BEND) * np.sin(2 * np.pi * down / side),
            down + _BEND * side * np.sin(way / _BEND + 1) * np.sin(2 * np.pi * across / side),
        ),
    }
    return ways[kind]() if kind in ways else (across, down)


_BEND = 0.06
"""How far a deformation goes either way, in short sides: further than a sixth of its wave it would fold."""


def _looked_up(grid: Grid, side: int, away: float, seed: int) -> NDArray[np.float32]:
    columns, rows = ((each * (240 / side) + away).astype(np.float32) for each in grid)
    found = cv2.remap(texture(seed), columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found, dtype=np.float32)


def with_noise(frames: Sequence[Frame], sigma: float, seed: int = 5) -> list[Frame]:
    rng = np.random.default_rng(seed)
    return [np.clip(each + rng.normal(0, sigma, each.shape), 0, 255).astype(np.uint8) for each in frames]


def noise(count: int = 17, width: int = 320, height: int = 240) -> list[Frame]:
    return with_noise([np.full((height, width), 128, np.uint8)] * count, 50)


def cuts(count: int = 17) -> list[Frame]:
    return [moving_clip("still", 0, count=1, seed=seed)[0] for seed in range(count)]


def as_clip(frames: Sequence[Frame], *, rate: float | None = 16, timed: bool = True, film: bool = True) -> Clip:
    """Return the frames as an opened file."""

    def shown() -> Iterator[Shown]:
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="gray")
            yield Shown(picture, index / rate if timed and rate else None)

    height, width = frames[0].shape
    return Clip((width, height), shown(), rate=rate, declared=len(frames), film=film)

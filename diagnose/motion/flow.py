"""Optical flow between two grey pictures, there and back, and where both tell the same. Runs in a child process alone.

DIS flow of OpenCV with its preset "fast": of the methods tried on made-up and real clips it was linear in the speed,
monotone throughout, and quicker than all that were better (tests/bench/MOTION.md).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

WITHIN, SHARE = 0.5, 0.1
"""A pixel counts if the way there and back ends so many pixels from where it began, or within that share of the way."""
STRIDE = 2
"""Every second pixel both ways is looked at: the flow is smoother than that."""
_OUTSIDE = 1e6

Vectors = NDArray[np.floating]
Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]


class Seen(NamedTuple):
    """The flow between two pictures on a grid of every STRIDE-th pixel.

    Attributes:
        vectors: rows x columns x 2, how far each moves, right and down, in pixels.
        agrees: rows x columns, whether the way back from there leads here again.
    """

    vectors: Vectors
    agrees: Mask


class Flow:
    """Finds the flow between pictures of one size."""

    def __init__(self, height: int, width: int) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        across, down = np.arange(0, width, STRIDE, dtype=np.float32), np.arange(0, height, STRIDE, dtype=np.float32)
        self._x, self._y = np.meshgrid(across, down)

    def between(self, earlier: Picture, later: Picture) -> Seen:
        """Return the flow from one picture to the next. What leaves the picture does not agree."""
        # the stubs forget that there need be no flow to begin with
        there = np.ascontiguousarray(self._dis.calc(earlier, later, None)[::STRIDE, ::STRIDE])  # type: ignore[call-overload]
        back = self._dis.calc(later, earlier, None)  # type: ignore[call-overload]
        returned = cv2.remap(
            back,
            self._x + there[..., 0],
            self._y + there[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(_OUTSIDE, _OUTSIDE),
        )
        return Seen(there, length(there + returned) < WITHIN + SHARE * length(there))


def length(vectors: Vectors) -> Vectors:
    """Return the length of each vector."""
    return np.hypot(vectors[..., 0], vectors[..., 1])

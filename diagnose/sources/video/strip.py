"""Three pictures of a video side by side, small, as a JPEG: how a preview begins, where it is half-way, how it ends.

Runs in the decoder's process.
"""

from __future__ import annotations

import base64
from fractions import Fraction
from itertools import islice
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from diagnose.sources.video.decoding import Clip

Picture = NDArray[np.uint8]
HEIGHT = 112
WIDEST = 200
MOST_FRAMES = 400
_QUALITY = 6
"""Of JPEG, 2 the best and 31 the worst."""


def strip_of(clip: Clip) -> str:
    """Return the strip in base64."""
    pictures = [_small(shown.picture) for shown in islice(clip, MOST_FRAMES)]
    shown = [pictures[0], pictures[len(pictures) // 2], pictures[-1]] if len(pictures) > 1 else pictures
    return base64.b64encode(_jpeg(np.concatenate(shown, axis=1))).decode()


def _small(frame: Any) -> Picture:  # noqa: ANN401 - a frame of PyAV
    width = max(2, min(WIDEST, round(frame.width * HEIGHT / max(1, frame.height)))) // 2 * 2
    small = frame.reformat(width=width, height=HEIGHT, format="rgb24", interpolation="AREA")
    return cast("Picture", small.to_ndarray())


def _jpeg(picture: Picture) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 1)
    encoder.qmin = encoder.qmax = _QUALITY
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])

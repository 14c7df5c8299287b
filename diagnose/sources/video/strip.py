"""Three pictures of a video side by side, small, as a JPEG: from where it moves most, or from its start to its end.

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
PICTURES = 3
APART = 1 / 8
"""Of the clip, from one picture to the next where the strip is from its liveliest moment."""
_QUALITY = 6
"""Of JPEG, 2 the best and 31 the worst."""


def strip_of(clip: Clip, around: int | None) -> str:
    """Return the strip in base64; `around` is the frame in its middle, None for one that spans the clip."""
    pictures = [_small(shown.picture) for shown in islice(clip, MOST_FRAMES)]
    shown = [pictures[index] for index in chosen(len(pictures), around)]
    return base64.b64encode(_jpeg(np.concatenate(shown, axis=1))).decode()


def chosen(count: int, around: int | None) -> tuple[int, ...]:
    """Return which of so many frames make a strip."""
    if count < PICTURES:
        return tuple(range(count))
    if around is None:
        return 0, count // 2, count - 1
    apart = max(1, round(count * APART))
    middle = min(max(around, apart), count - 1 - apart)
    return middle - apart, middle, middle + apart


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

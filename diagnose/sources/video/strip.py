"""Three pictures of a video side by side, small, as a JPEG: how a preview begins, where it is half-way, how it ends.

Runs in the decoder's process, and with `decoder` knows PyAV.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import IO, Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from diagnose.sources.video.animated_webp import WebpAnimation, take_apart

Picture = NDArray[np.uint8]
HEIGHT = 112
WIDEST = 200
LARGEST = 64 << 20
"""Bytes of a file that is taken apart."""
MOST_FRAMES = 400
MOST_PIXELS = 4096 * 4096
_QUALITY = 6
"""Of JPEG, 2 the best and 31 the worst."""
_OPAQUE = 255


def strip_of(file: IO[bytes], options: dict[str, str]) -> str:
    """Return the strip in base64; "" where no picture comes out."""
    data = file.read(LARGEST + 1)
    animation = take_apart(data) if len(data) <= LARGEST else None
    file.seek(0)
    pictures = list(_composed(animation, options) if animation is not None else _decoded(file, options))
    if not pictures:
        return ""
    shown = [pictures[0], pictures[len(pictures) // 2], pictures[-1]] if len(pictures) > 1 else pictures
    return base64.b64encode(_jpeg(np.concatenate(shown, axis=1))).decode()


def _decoded(file: Any, options: dict[str, str]) -> Iterator[Picture]:  # noqa: ANN401 - bytes or a file of them
    with av.open(file, "r", options=options) as container:
        if not container.streams.video:
            return
        stream = container.streams.video[0]
        if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
            return
        for count, frame in enumerate(container.decode(stream)):
            if count >= MOST_FRAMES:
                return
            yield _small(frame)


def _composed(animation: WebpAnimation, options: dict[str, str]) -> Iterator[Picture]:
    """Lay each frame over the ones before it."""
    if not 0 < animation.width * animation.height <= MOST_PIXELS:
        return
    canvas = np.zeros((animation.height, animation.width, 4), dtype=np.uint8)
    for one in animation.frames[:MOST_FRAMES]:
        with av.open(BytesIO(one.still), "r", options=options) as container:
            picture = next(container.decode(video=0)).to_ndarray(format="rgba")
        under = canvas[one.top : one.top + picture.shape[0], one.left : one.left + picture.shape[1]]
        over = picture[: under.shape[0], : under.shape[1]]
        share = over[..., 3:].astype(np.uint16) if one.laid_over else np.uint16(_OPAQUE)
        under[:] = (over * share + under * (_OPAQUE - share)) // _OPAQUE
        yield _small(av.VideoFrame.from_ndarray(np.ascontiguousarray(canvas), format="rgba"))


def _small(frame: av.VideoFrame) -> Picture:
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

"""Three pictures of a video side by side, small, as a JPEG: how a preview begins, where it is half-way, how it ends.

An animated WebP is taken apart into still ones, which every decoder reads: FFmpeg before 9 reads no animated one. Sizes
and offsets in it are a stranger's numbers, so each is held against the bytes that are there.

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
from msgspec import Struct
from numpy.typing import NDArray

_HEAD, _CHUNK, _FRAME = 12, 8, 16
_ALPHA = b"\x10\0\0\0"
_TURNED_OFF = 0b10
"""The bit of a frame that says it takes the place of what is under it, and is not laid over it."""


class WebpFrame(Struct, frozen=True):
    """One frame: where it lies on the canvas, whether it is laid over what is there, and itself as a still picture."""

    left: int
    top: int
    laid_over: bool
    still: bytes


class WebpAnimation(Struct, frozen=True):
    """The canvas in pixels, and the frames in order."""

    width: int
    height: int
    frames: tuple[WebpFrame, ...]


def take_apart(data: bytes) -> WebpAnimation | None:
    """Return the frames of an animated WebP; None for bytes that are none, or hold no frame."""
    if data[:4] != b"RIFF" or data[8:_HEAD] != b"WEBP" or data[_HEAD : _HEAD + 4] != b"VP8X":
        return None
    chunks = list(_chunks(data, _HEAD))
    canvas = chunks[0][1] if chunks else b""
    frames = [body for name, body in chunks if name == b"ANMF" and len(body) > _FRAME][:MOST_FRAMES]
    if len(canvas) < 10 or not frames:  # noqa: PLR2004 - the length of its head
        return None
    return WebpAnimation(_number(canvas, 4) + 1, _number(canvas, 7) + 1, tuple(map(_frame, frames)))


def _frame(body: bytes) -> WebpFrame:
    parts = {name: part for name, part in _chunks(body, _FRAME) if name in {b"ALPH", b"VP8 ", b"VP8L"}}
    if b"ALPH" in parts:
        parts = {b"VP8X": _ALPHA + body[6:12], **parts}
    inside = b"".join(_chunk(name, part) for name, part in parts.items())
    still = b"RIFF" + (len(inside) + 4).to_bytes(4, "little") + b"WEBP" + inside
    return WebpFrame(2 * _number(body, 0), 2 * _number(body, 3), not body[15] & _TURNED_OFF, still)


def _chunks(data: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks with their names, up to the first that is cut off."""
    while start + _CHUNK <= len(data):
        size = int.from_bytes(data[start + 4 : start + _CHUNK], "little")
        end = start + _CHUNK + size
        if end > len(data):
            return
        yield data[start : start + 4], data[start + _CHUNK : end]
        start = end + size % 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


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
    for one in animation.frames:
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

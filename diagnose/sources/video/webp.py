"""An animated WebP, taken apart into still ones and laid together again: FFmpeg before 9 reads no animated one.

Sizes and offsets in it are a stranger's numbers, so each is held against the bytes that are there. What a frame leaves
uncovered shows what lay there before, so most encoders store only the part that changed, with holes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_HEAD, _CHUNK, _FRAME, _CANVAS = 12, 8, 16, 10
_ALPHA = b"\x10\0\0\0"
_TURNED_OFF, _CLEARED = 0b10, 0b1
"""The bits of a frame that say: it takes the place of what is under it; its place is cleared once it was shown."""
_BLACK = (16, 128, 128)
_OPAQUE = 255
Plane = NDArray[np.uint8]


class WebpFrame(Struct, frozen=True):
    """One frame: where it lies, whether over what is there, whether it is cleared then, how long it is shown."""

    left: int
    top: int
    laid_over: bool
    cleared: bool
    milliseconds: int
    body: memoryview

    @property
    def still(self) -> bytes:
        """The frame as a still picture."""
        parts = {name: part for name, part in _chunks(self.body, _FRAME) if name in {b"ALPH", b"VP8 ", b"VP8L"}}
        if b"ALPH" in parts:
            parts = {b"VP8X": memoryview(_ALPHA + bytes(self.body[6:12])), **parts}
        inside = b"".join(_chunk(name, part) for name, part in parts.items())
        return b"RIFF" + (len(inside) + 4).to_bytes(4, "little") + b"WEBP" + inside


class WebpAnimation(Struct, frozen=True):
    """The canvas in pixels, the frames in order, and whether the file breaks off before its end."""

    width: int
    height: int
    frames: tuple[WebpFrame, ...]
    breaks_off: bool


def take_apart(content: bytes) -> WebpAnimation | None:
    """Return the frames of an animated WebP; None for bytes that are none, or hold no frame."""
    if content[:4] != b"RIFF" or content[8:_HEAD] != b"WEBP" or content[_HEAD : _HEAD + 4] != b"VP8X":
        return None
    data = memoryview(content)
    chunks = list(_chunks(data, _HEAD))
    canvas = chunks[0][1] if chunks else data[:0]
    frames = tuple(_frame(body) for name, body in chunks if name == b"ANMF" and len(body) > _FRAME)
    if len(canvas) < _CANVAS or not frames:
        return None
    breaks_off = int.from_bytes(data[4:8], "little") + 8 > len(data)
    return WebpAnimation(_number(canvas, 4) + 1, _number(canvas, 7) + 1, frames, breaks_off)


def _frame(body: memoryview) -> WebpFrame:
    flags = body[15]
    return WebpFrame(
        left=2 * _number(body, 0),
        top=2 * _number(body, 3),
        laid_over=not flags & _TURNED_OFF,
        cleared=bool(flags & _CLEARED),
        milliseconds=_number(body, 12),
        body=body,
    )


def _chunks(data: memoryview, start: int) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the chunks with their names, up to the first that is cut off."""
    while start + _CHUNK <= len(data):
        size = int.from_bytes(data[start + 4 : start + _CHUNK], "little")
        end = start + _CHUNK + size
        if end > len(data):
            return
        yield bytes(data[start : start + 4]), data[start + _CHUNK : end]
        start = end + size % 2


def _chunk(name: bytes, body: memoryview) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _number(data: memoryview, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def laid_together(animation: WebpAnimation, most_pixels: int) -> Iterator[Any]:
    """Yield the picture that each frame leaves, None for a damaged frame. The next one may change it in its place."""
    canvas = _Canvas(animation.width, animation.height)
    decoder = None
    for one in animation.frames:
        if decoder is None:
            decoder = av.CodecContext.create("webp", "r")
            decoder.options = {"max_pixels": str(most_pixels), "threads": "1"}
        try:
            (picture,) = decoder.decode(av.Packet(one.still))
        except (av.error.FFmpegError, ValueError):
            decoder = None
            yield None
            continue
        yield canvas.with_frame(picture, one)


class _Canvas:
    """What has been shown so far, in the planes of one picture."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._picture: Any = None
        self._latest: Any = None
        """A frame that covered all, until a later one is laid over it: most are never copied."""
        self._to_clear: tuple[slice, slice] | None = None

    def with_frame(self, picture: Any, one: WebpFrame) -> Any:  # noqa: ANN401 - frames of PyAV
        """Return the picture once a frame is laid on it."""
        opaque = picture.format.name == "yuv420p"
        if opaque and not one.left and not one.top and (picture.width, picture.height) == self._size:
            self._latest, shown = picture, picture
        else:
            part = picture if opaque or picture.format.name == "yuva420p" else picture.reformat(format="yuva420p")
            shown = self._laid(_planes(part), one)
        area = (slice(one.top, one.top + picture.height), slice(one.left, one.left + picture.width))
        self._to_clear = area if one.cleared else None
        return shown

    def _laid(self, part: list[Plane], one: WebpFrame) -> Any:  # noqa: ANN401 - a frame of PyAV
        planes = self._own()
        alpha = part[3] if len(part) > 3 else None  # noqa: PLR2004 - after luma and two of colour
        for index, (plane, black) in enumerate(zip(planes, _BLACK, strict=True)):
            scale = 2 if index else 1
            under = plane[one.top // scale :, one.left // scale :][: part[index].shape[0], : part[index].shape[1]]
            over = part[index][: under.shape[0], : under.shape[1]]
            if not one.laid_over:
                under[:] = black
            _lay(over, under, None if alpha is None else alpha[::scale, ::scale][: over.shape[0], : over.shape[1]])
        return self._picture

    def _own(self) -> list[Plane]:
        """Return planes to write to, with all that is to be seen before the next frame."""
        if self._picture is None:
            self._picture = av.VideoFrame(*self._size, "yuv420p")
            for plane, black in zip(_planes(self._picture), _BLACK, strict=True):
                plane[:] = black
        planes = _planes(self._picture)
        if self._latest is not None:
            for plane, latest in zip(planes, _planes(self._latest), strict=True):
                plane[:] = latest
            self._picture.color_range = self._latest.color_range
            self._latest = None
        if self._to_clear is not None:
            down, across = self._to_clear
            for scale, plane, black in zip((1, 2, 2), planes, _BLACK, strict=True):
                plane[
                    down.start // scale : -(-down.stop // scale), across.start // scale : -(-across.stop // scale)
                ] = black
        return planes


def _lay(over: Plane, under: Plane, alpha: Plane | None) -> None:
    if alpha is None:
        under[:] = over
    elif ((alpha == 0) | (alpha == _OPAQUE)).all():
        np.copyto(under, over, where=alpha == _OPAQUE)
    else:
        share = alpha.astype(np.uint16)
        under[:] = (over * share + under * (_OPAQUE - share)) // _OPAQUE


def _planes(picture: Any) -> list[Plane]:  # noqa: ANN401 - a frame of PyAV
    """Return the planes of a picture as arrays on its own memory."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in picture.planes
    ]

"""An animated WebP taken apart into still ones, which every decoder reads: FFmpeg before 9 reads no animated one.

Nothing is decoded here. Sizes and offsets are a stranger's numbers, so each is held against the bytes that are there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

MOST_FRAMES = 1000
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

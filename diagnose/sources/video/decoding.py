"""Decode a file to its pictures, one after another, whatever it is kept in. Runs in a child process alone.

Here and in `webp` is what knows PyAV, and FFmpeg behind it. A stranger's file may crash or hang either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import accumulate
from stat import S_ISREG
from typing import IO, Any, NamedTuple

import av
import av.container
import av.error
import numpy as np
from numpy.typing import NDArray

from diagnose.sources.video.webp import WebpAnimation, laid_together, take_apart

MAX_PIXELS = 36_000_000
"""Of one frame; 8K has 33 million."""
MAX_FRAMES = 4_000
"""Of one clip; more than two minutes at any rate in use."""
MAX_ANIMATION = 256 << 20
"""Bytes of an animated WebP; 81 frames of 832 x 480 have some 6 million."""
FILES_ONLY = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,asf,flv,mpegts,mpeg,gif,png_pipe,jpeg_pipe,"
    "webp_pipe,webp_anim",
}
"""A playlist under a clip's name must not lead to other files or to the network."""
_PHOTOGRAPHS = {"png_pipe", "jpeg_pipe"}


class Shown(NamedTuple):
    """A picture, good until the next is asked for, and when it is shown, in seconds; None where no file says."""

    picture: Any
    at: float | None


class Unfit(Exception):  # noqa: N818 - says why there is nothing, which need not be an error
    """The file gives no pictures. `damage`: the file is at fault."""

    def __init__(self, reason: str, *, damage: bool) -> None:
        super().__init__(reason)
        self.reason, self.damage = reason, damage


class Clip:
    """An opened file. Going through it decodes it; what came out is counted meanwhile.

    Attributes:
        width, height: of a frame in pixels.
        rate: frames per second as the container says; None where it says nothing.
        declared: frames the container announces; None where it announces none.
        estimated: it announces none, and `declared` is its length times the rate.
        film: the format can hold more than one picture.
        decoded, damaged: frames that came out so far, and that could not be decoded, or only in part.
        whole: no limit of ours ended it.
        end: when the last frame is gone, as far as the file says and it was decoded.
    """

    def __init__(
        self,
        size: tuple[int, int],
        source: Iterator[Shown | None],
        *,
        rate: float | None,
        declared: int | None,
        estimated: bool = False,
        film: bool = True,
        end: float | None = None,
        damaged: int = 0,
    ) -> None:
        self.width, self.height = size
        if self.width * self.height > MAX_PIXELS:
            raise Unfit(f"frames of {self.width} x {self.height} pixels are not decoded", damage=False)
        if self.width < 1 or self.height < 1:
            raise Unfit("says nothing of the size of its frames", damage=True)
        self.rate, self.declared, self.estimated, self.film, self.end = rate, declared, estimated, film, end
        self.decoded, self.damaged, self.whole = 0, damaged, True
        self._source = source

    def __iter__(self) -> Iterator[Shown]:
        """Yield the pictures in order, as many as there may be.

        Raises:
            Unfit: there is none.
        """
        for shown in self._source:
            if shown is None:
                self.damaged += 1
                continue
            self.decoded += 1
            self.damaged += shown.picture.is_corrupt
            yield shown
            if self.decoded >= MAX_FRAMES:
                self.whole = False
                return
        if not self.decoded:
            raise Unfit("not one frame can be decoded", damage=True)


def grey(picture: Any, width: int, height: int) -> NDArray[np.uint8]:  # noqa: ANN401 - a frame of PyAV
    """Return a picture in grey and in another size; in a smaller one each pixel is the mean of those it stands for."""
    way = "AREA" if width <= picture.width else "BICUBIC"
    other = picture.reformat(width=width, height=height, format="gray", interpolation=way)
    return np.ascontiguousarray(other.to_ndarray(), dtype=np.uint8)  # lines may be padded, and OpenCV takes none


def decoded(path: str, work: Callable[[Clip], dict[str, Any]]) -> dict[str, Any]:
    """Return what is made of a file's pictures, else {reason, damage}: why there are none."""
    try:
        # FFmpeg is given bytes and no name: one like "%d.png" or "concat:a.mp4" would mean other files to it
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            return _worked(file, work)
    except Unfit as unfit:
        return {"reason": unfit.reason, "damage": unfit.damage}
    except MemoryError:
        return {"reason": "needs more memory than it is given", "damage": False}
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        cut = isinstance(error, av.error.InvalidDataError)
        reason = "truncated, or not a video" if cut else f"cannot be opened ({_words(error)})"
        return {"reason": reason, "damage": True}
    except OSError as error:
        return {"reason": f"cannot be read ({_words(error)})", "damage": False}


def _worked(file: IO[bytes], work: Callable[[Clip], dict[str, Any]]) -> dict[str, Any]:
    status = os.fstat(file.fileno())
    if not S_ISREG(status.st_mode):
        raise Unfit("is no regular file", damage=False)
    if not status.st_size:
        raise Unfit("is empty", damage=True)
    may_be_animated = status.st_size <= MAX_ANIMATION and _is_webp(file)
    animation = take_apart(file.read(MAX_ANIMATION)) if may_be_animated else None
    file.seek(0)
    if animation is not None:
        return work(_animated(animation))
    with av.open(file, "r", options=FILES_ONLY) as container:
        return work(_contained(container))


def _is_webp(file: IO[bytes]) -> bool:
    head = file.read(16)
    file.seek(0)
    return head[8:] == b"WEBPVP8X"


def _animated(animation: WebpAnimation) -> Clip:
    ends = list(accumulate(each.milliseconds / 1000 for each in animation.frames))
    starts = [0.0, *ends[:-1]]
    pictures = laid_together(animation, MAX_PIXELS)
    shown = (None if one is None else Shown(one, at) for one, at in zip(pictures, starts, strict=True))
    count, length = len(animation.frames), ends[-1]
    return Clip(
        (animation.width, animation.height),
        shown,
        rate=count / length if length else None,
        declared=count,
        end=length or None,
        damaged=int(animation.breaks_off),
    )


def _contained(container: av.container.InputContainer) -> Clip:
    if not container.streams.video:
        raise Unfit("holds no video", damage=True)
    stream = container.streams.video[0]
    context = stream.codec_context
    if context is None:
        raise Unfit("no decoder for its codec here", damage=False)
    stream.thread_type = "NONE"
    context.options = {"max_pixels": str(MAX_PIXELS), "threads": "1"}
    rate = float(stream.average_rate) if stream.average_rate else None
    known = None if container.duration is None else container.duration / av.time_base
    estimated = None if known is None or rate is None else int(known * rate)
    return Clip(
        (context.width, context.height),
        _frames(container, stream),
        rate=rate,
        declared=int(stream.frames) if stream.frames > 0 else estimated,
        estimated=not stream.frames,
        film=container.format.name not in _PHOTOGRAPHS,
        end=known,
    )


def _frames(container: av.container.InputContainer, stream: Any) -> Iterator[Shown | None]:  # noqa: ANN401
    """Yield the frames to the end of the stream, or to where the container breaks off."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            yield None
            return
        if packet is None:
            return
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            yield None
            continue
        for frame in frames:
            yield Shown(frame, None if frame.time is None else float(frame.time))


def _words(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:120]

"""The child process that decodes files: one request a line in, one answer a line out (see `frames`).

With `strip` the only module that knows PyAV, and FFmpeg behind it. A stranger's file may crash or hang either; what it
breaks is this process, which `workers` starts, limits and replaces.

Request: {path, still, count, fps}: `count` frames spread over the clip, or all that `fps` takes (count null).
Answer: the fields of `Pictures`, or {reason, damage}. With `strip`: {strip}, see there.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import av
import av.container
import av.error
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from diagnose.sources.video.frames import READY
from diagnose.sources.video.strip import strip_of

ACROSS, LEAST = 64, 8
"""Cells across a frame, of at least so many pixels: a cell averages away what noise the codec left."""
MAX_PIXELS = 36_000_000
"""Of one frame; 8K has 33 million."""
MAX_FRAMES = 4_000
"""Of one clip; more than two minutes at any rate in use."""
MAX_MEMORY = 3 << 30
"""Bytes of address space for the whole process."""
FEW_DEVIATE = 0.95
"""Quantile over the frames of a clip: what is seen in a twentieth of them, a flash or a glitch, is not its motion."""
FILES_ONLY = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,asf,flv,mpegts,mpeg,png_pipe,jpeg_pipe,"
    "webp_pipe,webp_anim",
}
"""A playlist under a clip's name must not lead to other files or to the network."""

Cells = NDArray[np.uint8]


class _Decoded(Struct):
    """What came out so far."""

    cells: list[Cells] = []
    frames: int = 0
    damaged: int = 0
    whole: bool = True


class _Unfit(Exception):  # noqa: N818 - never leaves this module
    """The file gives no pictures."""

    def __init__(self, reason: str, *, damage: bool) -> None:
        super().__init__(reason)
        self.reason, self.damage = reason, damage


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Decode one file from its first to its last frame and return what it shows."""
    try:
        # FFmpeg is given bytes and no name: one like "%d.png" or "concat:a.mp4" would mean other files to it
        with os.fdopen(os.open(request["path"], os.O_RDONLY | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return {"reason": "is empty", "damage": True}
            return {"strip": strip_of(file, FILES_ONLY)} if request.get("strip") else _look_into(file, request)
    except _Unfit as unfit:
        return {"reason": unfit.reason, "damage": unfit.damage}
    except MemoryError:
        return {"reason": "needs more memory than it is given", "damage": False}
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        cut = isinstance(error, av.error.InvalidDataError)
        reason = "truncated, or not a video" if cut else f"cannot be opened ({_words(error)})"
        return {"reason": reason, "damage": True}
    except OSError as error:
        return {"reason": f"cannot be read ({_words(error)})", "damage": False}


def _look_into(file: IO[bytes], request: dict[str, Any]) -> dict[str, Any]:
    with av.open(file, "r", options=FILES_ONLY) as container:
        return _look(container, request)


def _look(container: av.container.InputContainer, request: dict[str, Any]) -> dict[str, Any]:
    if not container.streams.video:
        raise _Unfit("holds no video", damage=True)
    stream = container.streams.video[0]
    context = stream.codec_context
    if context is None:
        raise _Unfit("no decoder for its codec here", damage=False)
    width, height = context.width, context.height
    if width * height > MAX_PIXELS:
        raise _Unfit(f"frames of {width} x {height} pixels are not decoded", damage=False)
    # FFmpeg before 9 reads no animated WebP, which the trainer's reader takes the first picture of
    at_fault = container.format.name != "webp_pipe"
    if width < 1 or height < 1:
        raise _Unfit("says nothing of the size of its frames", damage=at_fault)
    stream.thread_type = "NONE"
    context.options = {"max_pixels": str(MAX_PIXELS), "threads": "1"}
    rate = float(stream.average_rate) if stream.average_rate else None
    decoded = _decode(container, stream, width, height)
    if not decoded.frames:
        raise _Unfit("not one frame can be decoded", damage=at_fault)
    figures = {} if request["still"] else _motion(_taken(decoded.cells, request, rate))
    return {
        "width": width,
        "height": height,
        "rate": rate,
        "declared": _declared(container, stream, rate),
        "estimated": not stream.frames,
        "decoded": decoded.frames,
        "damaged": decoded.damaged,
        "whole": decoded.whole,
        **figures,
    }


def _declared(container: av.container.InputContainer, stream: Any, rate: float | None) -> int | None:  # noqa: ANN401
    """Return the frames the container announces, else its length times the rate, as the trainer's reader counts."""
    if stream.frames > 0:
        return int(stream.frames)
    if container.duration is None or rate is None:
        return None
    return int(container.duration / av.time_base * rate)


def _decode(container: av.container.InputContainer, stream: Any, width: int, height: int) -> _Decoded:  # noqa: ANN401
    result = _Decoded()
    across = max(1, min(ACROSS, width // LEAST))
    down = max(1, round(height * across / width))
    for packet in _packets(container, stream, result):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            result.damaged += 1
            continue
        for frame in frames:
            result.frames += 1
            result.damaged += frame.is_corrupt
            small = frame.reformat(width=across, height=down, format="gray", interpolation="AREA")
            result.cells.append(small.to_ndarray())
            if result.frames >= MAX_FRAMES:
                result.whole = False
                return result
    return result


def _packets(container: av.container.InputContainer, stream: Any, result: _Decoded) -> Iterator[Any]:  # noqa: ANN401
    """Yield the packets to the end of the stream, or to where the container breaks off."""
    try:
        yield from container.demux(stream)
    except av.error.FFmpegError:
        result.damaged += 1


def _taken(cells: list[Cells], request: dict[str, Any], rate: float | None) -> NDArray[np.float32]:
    """Return the frames the trainer takes, each once (dataloader_mixins.py, load_and_process_video).

    Spread over the clip where it is shrunk; else every n-th of the whole clip, for the trainer starts anywhere in it.
    """
    total, count, fps = len(cells), request["count"], request["fps"]
    if count is None:
        step = max(1, round(rate / fps)) if rate and fps else 1
        chosen = list(range(0, total, step))
    else:
        interval = (total - 1) / (count - 1) if count > 1 else 0
        chosen = sorted({min(round(index * interval), total - 1) for index in range(count)})
    return np.stack([cells[index] for index in chosen]).astype(np.float32)


def _motion(frames: NDArray[np.float32]) -> dict[str, float]:
    """Return movement, change and identical neighbours of a clip's frames.

    Movement is the deviation of each cell from its own median over the clip; of each frame the cell that deviates
    most counts, and of the frames all but a twentieth. A cell is some hundred pixels, so noise averages away in it,
    and an object as small as a cell still moves it.
    """
    if len(frames) < 2:  # noqa: PLR2004 - one picture has no neighbour
        return {}
    deviation = np.abs(frames - np.median(frames, axis=0)).max(axis=(1, 2))
    steps = np.abs(np.diff(frames, axis=0))
    return {
        "movement": round(float(np.quantile(deviation, FEW_DEVIATE)), 3),
        "change": round(float(steps.mean()), 4),
        "identical": round(float((steps.max(axis=(1, 2)) == 0).mean()), 4),
    }


def _words(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:120]


def main() -> None:
    """Answer requests until there are no more, within MAX_MEMORY where the system can hold a process to it."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    sys.stdout.write(READY)
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()

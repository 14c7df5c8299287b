"""The child process that looks at the clips of a data set, and makes strips of previews (see `workers`).

Request: {path, still, count, fps}: `count` frames spread over the clip, or all that `fps` takes (count null).
Answer: the fields of `Pictures`, or {reason, damage}. With `strip` and `around`: {strip}, see there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.sources.video.decoding import Clip, decoded, grey
from diagnose.sources.video.serving import serve
from diagnose.sources.video.strip import strip_of

ACROSS, LEAST = 64, 8
"""Cells across a frame, of at least so many pixels: a cell averages away what noise the codec left."""
FEW_DEVIATE = 0.95
"""Quantile over the frames of a clip: what is seen in a twentieth of them, a flash or a glitch, is not its motion."""

Cells = NDArray[np.uint8]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Decode one file from its first to its last frame and return what it shows."""
    if request.get("strip"):
        return decoded(request["path"], lambda clip: {"strip": strip_of(clip, request["around"])})
    return decoded(request["path"], lambda clip: _look(clip, request))


def _look(clip: Clip, request: dict[str, Any]) -> dict[str, Any]:
    across = max(1, min(ACROSS, clip.width // LEAST))
    down = max(1, round(clip.height * across / clip.width))
    cells = [grey(shown.picture, across, down) for shown in clip]
    figures = {} if request["still"] else _motion(_taken(cells, request, clip.rate))
    return {
        "width": clip.width,
        "height": clip.height,
        "rate": clip.rate,
        "declared": clip.declared,
        "estimated": clip.estimated,
        "decoded": clip.decoded,
        "damaged": clip.damaged,
        "whole": clip.whole,
        **figures,
    }


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


def main() -> None:
    """Answer requests until there are no more."""
    serve(answer)

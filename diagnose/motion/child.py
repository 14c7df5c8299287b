"""The child process that measures clips, one at a time (see `measure`).

Request: {path}. Answer: the fields of `ClipMotion`, or {reason, damage}.
"""

from __future__ import annotations

from typing import Any

import cv2

from diagnose.motion.clip import clip_motion
from diagnose.sources.video.decoding import decoded
from diagnose.sources.video.serving import serve


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Decode one file and return how things move in it."""
    path = request["path"]
    return decoded(path, lambda clip: {"file": path, **clip_motion(clip)})


def main() -> None:
    """Answer requests until there are no more."""
    cv2.setNumThreads(1)  # there is a child for every core
    serve(answer)

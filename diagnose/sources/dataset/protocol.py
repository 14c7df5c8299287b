"""What we and a decoder process say to each other: one line each way per file, both JSON, after the child's READY."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnose.sources.dataset.readings import Pictures, Unread

READY = "ready\n"
"""What a decoder says before it is asked anything: one that does not get so far is at fault itself, not the file."""
NONSENSE = Unread("the decoder's answer cannot be read", damage=False)


@dataclass(frozen=True, slots=True)
class Job:
    """One file to decode: `count` frames are taken from it, or as many as `fps` gives where count is None."""

    path: Path
    still: bool
    count: int | None
    fps: float | None

    @property
    def line(self) -> str:
        """The request for it."""
        request = {"path": str(self.path), "still": self.still, "count": self.count, "fps": self.fps}
        return f"{json.dumps(request)}\n"


def read_answer(line: str) -> Pictures | Unread:
    """Return what a decoder's answer says, NONSENSE where it says nothing."""
    try:
        data: dict[str, Any] = json.loads(line)
        return Unread(data["reason"], data["damage"]) if "reason" in data else Pictures(**data)
    except (ValueError, TypeError, KeyError):
        return NONSENSE

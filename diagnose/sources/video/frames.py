"""What we and a child that decodes say to each other: a line each way per file, both JSON, after the child's READY."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from msgspec import MsgspecError, Struct, convert, to_builtins


class Pictures(Struct, frozen=True):
    """What decoding a file from its first to its last frame showed.

    Attributes:
        width, height: of a frame in pixels.
        rate: frames per second as the container says; None where it says nothing.
        declared: frames the container announces; None where it announces none.
        estimated: it announces none, and `declared` is its length times the rate, as the trainer's reader has it.
        decoded: frames that came out.
        damaged: frames that could not be decoded, or only in part.
        whole: the file was decoded to its end, within the limits.
        movement: how far the cell of the picture that moves most departs from its own median, in levels of 255;
            None for a still and for a clip of one frame.
        change: mean absolute difference of neighbouring frames, over all cells, in levels of 255.
        identical: share of neighbouring frames that do not differ in any cell.
    """

    width: int
    height: int
    rate: float | None
    declared: int | None
    estimated: bool
    decoded: int
    damaged: int
    whole: bool
    movement: float | None = None
    change: float | None = None
    identical: float | None = None


class Strip(Struct, frozen=True):
    """Some pictures of a file side by side, a JPEG in base64."""

    strip: str


class Unread(Struct, frozen=True):
    """Why a file gave no pictures. `damage`: the file is at fault, not a limit of ours or a missing decoder."""

    reason: str
    damage: bool


READY = "ready\n"
"""What a decoder says before it is asked anything: one that does not get so far is at fault itself, not the file."""
NONSENSE = Unread("the decoder's answer cannot be read", damage=False)
Answer = TypeVar("Answer")


class Job(Struct, frozen=True):
    """One file to decode: `count` frames are taken from it, or as many as `fps` gives where count is None."""

    path: Path
    still: bool
    count: int | None
    fps: float | None
    strip: bool = False
    """Whether a strip of it is asked for, and nothing else."""
    around: int | None = None
    """The frame in the middle of the strip; None: the strip goes from the first frame to the last."""

    @property
    def line(self) -> str:
        """The request for it."""
        return line_of(self)


def line_of(request: Struct) -> str:
    """Return a request as it is sent."""
    return json.dumps(to_builtins(request, enc_hook=str)) + "\n"


def read_answer(line: str, kind: type[Answer]) -> Answer | Unread:
    """Return what a child's answer says, NONSENSE where it says nothing."""
    try:
        data = json.loads(line)
        return convert(data, Unread) if "reason" in data else convert(data, kind)
    except (ValueError, TypeError, MsgspecError):
        return NONSENSE

"""What the readers of a data set hand over: files, figures and texts with their places, and no judgement.

Paths are relative to the data set's folder, in POSIX form.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from msgspec import Struct

from diagnose.core.values import Place, Remark
from diagnose.sources.video.frames import Pictures, Unread


class FolderHabits(Struct, frozen=True):
    """What trainers make of a data set's folder.

    Attributes:
        hidden: what they do with hidden files, in words.
        foreign_sizes: whether notes of one trainer are here that another cannot read; None without such notes.
    """

    hidden: str
    foreign_sizes: Callable[[Path], bool | None]


class DatasetSpec(Struct, frozen=True):
    """One data set of a config, as the reader needs it.

    Attributes:
        subject: its path in the config, "datasets[0]".
        folder: as written; None where the config names none.
        caption_ext: what takes the place of a clip's own extension, with the dot if the trainer has one there.
        num_frames: frames per clip.
        counts_itself: each clip gives as many frames as it is long.
        shrink: the whole clip is resampled to `num_frames`.
        fps: rate that frames are taken at where `shrink` is off; None: the trainer's default.
        habits: what its trainers make of the folder.
    """

    subject: str
    folder: str | None
    place: Place
    caption_ext: str
    num_frames: int
    counts_itself: bool
    shrink: bool
    fps: float | None
    habits: FolderHabits

    @property
    def taken(self) -> int | None:
        """How many frames are spread over a clip; None where they are taken at a rate instead."""
        return self.num_frames if self.shrink and not self.counts_itself else None


class MediaKind(str, Enum):
    """What a file's extension makes of it for the trainer."""

    CLIP = "clip"
    STILL = "still"


class MediaFile(Struct, frozen=True):
    """A file with an extension the trainer lists. `hidden`: it, or a folder above it, begins with a dot."""

    file: str
    path: Path
    kind: MediaKind
    size: int
    hidden: bool


class CaptionState(str, Enum):
    """What the trainer finds where it looks for a caption."""

    TEXT = "text"
    EMPTY = "empty"
    MISSING = "missing"
    NOT_UTF8 = "not UTF-8"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"


class Caption(Struct, frozen=True):
    """The caption file of one media file. `line` is the first line with text, or the one that is not UTF-8."""

    file: str
    state: CaptionState
    text: str = ""
    line: int | None = None


class Item(Struct, frozen=True):
    """A media file with its pictures and its caption. `pictures` is None where nobody looked."""

    media: MediaFile
    caption: Caption
    pictures: Pictures | Unread | None


class DatasetReading(Struct, frozen=True):
    """One data set as it lies on this machine.

    Attributes:
        subject: its path in the config.
        folder: where it was read.
        how: why there: "given with --dataset", ...
        items: every media file, hidden ones too, by name; each once, however often the config repeats it.
        complete: no limit cut the listing.
        foreign_sizes: as `FolderHabits` tells.
    """

    subject: str
    folder: Path
    how: str
    items: tuple[Item, ...]
    complete: bool
    foreign_sizes: bool | None
    remarks: tuple[Remark, ...] = ()

"""A data set on this machine, and no judgement: its media files and the caption beside each, as the trainers find them.

Media are known by their extension, at any depth. Hidden files are listed and marked: some trainers skip them, others
do not. A caption has the file's name and the data set's extension. The trainers open captions strictly as UTF-8 and
outside any safeguard: one that is not ends the run. Paths are relative to the data set's folder, in POSIX form.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
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


CLIPS = frozenset({".mp4", ".avi", ".mov", ".webm", ".mkv", ".wmv", ".m4v", ".flv"})
STILLS = frozenset({".jpg", ".jpeg", ".png", ".webp"})
CONTROLS = "_controls"
"""Files right in a folder of this name are the trainer's own."""
MOST_ENTRIES = 50_000
"""Files and folders that are looked at; a data set has some hundred."""
MOST_MEDIA = 5_000


class Listing(Struct, frozen=True):
    """The media files by name. `complete`: no limit was met."""

    media: tuple[MediaFile, ...]
    complete: bool


def list_media(folder: Path) -> Listing:
    """Return the media files below a folder; links to folders are not followed, as the trainer does not.

    Raises:
        DiagnoseError: the folder, or one in it, cannot be listed.
    """
    found: list[MediaFile] = []
    seen = 0
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders.sort()
        seen += len(folders) + len(names)
        if Path(root).name != CONTROLS:
            found += [media for name in sorted(names) if (media := _media(Path(root, name), folder)) is not None]
        if seen > MOST_ENTRIES or len(found) > MOST_MEDIA:
            return Listing(tuple(found[:MOST_MEDIA]), complete=False)
    return Listing(tuple(sorted(found, key=lambda media: media.file)), complete=True)


def _media(path: Path, folder: Path) -> MediaFile | None:
    suffix = path.suffix.lower()
    if suffix not in CLIPS and suffix not in STILLS:
        return None
    try:
        if not path.is_file():  # a pipe or a device would never end
            return None
        size = path.stat().st_size
    except OSError:
        return None
    relative = path.relative_to(folder)
    hidden = any(part.startswith(".") for part in relative.parts)
    kind = MediaKind.CLIP if suffix in CLIPS else MediaKind.STILL
    # a name fit to be shown: bytes that are no text and control characters are marked
    name = "".join(character if character.isprintable() else "\ufffd" for character in relative.as_posix())
    return MediaFile(name, path, kind, size, hidden)


def _refuse(error: OSError) -> None:
    raise DiagnoseError(f"{error.filename}: cannot be listed ({error.strerror}); check that it is yours to read")


MAX_BYTES = 64 * 1024
"""Largest caption that is read; the text encoder takes some 2000 characters."""


def read_caption(media: MediaFile, extension: str) -> Caption:
    """Return the caption of a media file."""
    file = f"{os.path.splitext(media.file)[0]}{extension}"  # noqa: PTH122 - as the trainer cuts it, dots within names too
    path = Path(f"{os.path.splitext(media.path)[0]}{extension}")  # noqa: PTH122 - the same
    raw = _bytes(path)
    if isinstance(raw, CaptionState):
        return Caption(file, raw)
    if len(raw) > MAX_BYTES:
        return Caption(file, CaptionState.TOO_LARGE)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Caption(file, CaptionState.NOT_UTF8, line=raw.count(b"\n", 0, error.start) + 1)
    words = text.removeprefix("\ufeff").strip()
    if not words:
        return Caption(file, CaptionState.EMPTY)
    before = text[: text.index(words[0])]
    return Caption(file, CaptionState.TEXT, words, before.count("\n") + 1)


def _bytes(path: Path) -> bytes | CaptionState:
    """Return the start of the file, or why there is nothing to read; a pipe or a device would never end."""
    try:
        if not path.exists():
            return CaptionState.MISSING
        if not path.is_file():
            return CaptionState.UNREADABLE
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return CaptionState.UNREADABLE

"""Read the caption beside a media file: same name, the data set's extension, UTF-8 (toolkit/dataloader_mixins.py).

The trainer opens captions strictly as UTF-8 and outside any safeguard: one that is not ends the run.
"""

from __future__ import annotations

import os
from pathlib import Path

from diagnose.sources.dataset.readings import Caption, CaptionState, MediaFile

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

"""Which of a data set's files a trainer takes, which of them are damaged, and how a fact names files."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from diagnose.sources.dataset.media import DatasetReading, DatasetSpec, Item, MediaKind
from diagnose.sources.video.frames import Pictures, Unread
from diagnose.trainers.trainer_model import TrainerModel

SOUND_OUTLASTS = 0.1
"""Share of a container's length that its sound may run on after the last picture."""


class Taken(Struct, frozen=True):
    """The files that are trained on.

    Attributes:
        items: in order of name; hidden ones are left out, for the fork fails to open them anyway.
        video: the data set is one of clips.
        decided: False where the trainer is unknown and the two would take different files; the items are then those
            that both take.
        why: what the choice rests on.
    """

    items: tuple[Item, ...]
    video: bool
    decided: bool
    complete: bool
    why: str

    @property
    def clips(self) -> tuple[Item, ...]:
        """The clips among them."""
        return tuple(item for item in self.items if item.media.kind is MediaKind.CLIP)

    @property
    def seen(self) -> tuple[tuple[Item, Pictures], ...]:
        """The clips that decode from their first to their last frame, with what they show."""
        return tuple(
            (item, item.pictures)
            for item in self.clips
            if isinstance(item.pictures, Pictures) and item.pictures.whole and not damage(item.pictures)
        )


def take(reading: DatasetReading, spec: DatasetSpec, model: TrainerModel | None) -> Taken:
    """Return what the trainer takes of a data set."""
    media = model.media if model is not None else None
    visible = tuple(item for item in reading.items if not item.media.hidden)
    clips = tuple(item for item in visible if item.media.kind is MediaKind.CLIP)
    stills = tuple(item for item in visible if item.media.kind is MediaKind.STILL)
    video = spec.num_frames > 1 or (spec.counts_itself and (media is None or media.auto_frame_count))
    if not video:
        return Taken(stills, video, decided=True, complete=reading.complete, why="one frame per file: stills alone")
    if media is None:
        why = "upstream trains on stills beside clips, the fork on clips alone"
        return Taken(clips, video, decided=not stills, complete=reading.complete, why=why)
    items = visible if media.stills_beside_clips else clips
    return Taken(items, video, decided=True, complete=reading.complete, why=media.source)


def damage(found: Pictures | Unread | None) -> str:
    """Say what is wrong with a file, in a few words; "" where it is sound, or nobody can tell."""
    if isinstance(found, Unread):
        return found.reason if found.damage else ""
    if found is None:
        return ""
    if found.damaged:
        return f"{found.damaged} of {max(found.decoded, found.declared or 0)} frames damaged"
    if found.whole and found.declared is not None and found.declared - found.decoded > _slack(found.declared, found):
        return f"{found.decoded} of {found.declared} frames are there"
    return ""


def _slack(declared: int, found: Pictures) -> float:
    """Return how many frames may be missing: some muxers count one too many, and sound may outlast the pictures."""
    return max(1, SOUND_OUTLASTS * declared) if found.estimated else 1


MOST_NAMED = 5
MOST_CHARACTERS = 60


def named(files: Sequence[str]) -> str:
    """Return "a.mp4, b.mp4 and 3 more" of names that are short enough already; "none" for no files."""
    if not files:
        return "none"
    shown = ", ".join(files[:MOST_NAMED])
    left = len(files) - MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def shortened(name: str) -> str:
    """Return a file name cut in its middle to what a line bears."""
    if len(name) <= MOST_CHARACTERS:
        return name
    half = MOST_CHARACTERS // 2
    return f"{name[: half - 1]}…{name[-half:]}"

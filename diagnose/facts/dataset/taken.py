"""Which of a data set's files a trainer takes, which of them are damaged, and how a fact names files."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from diagnose.core.values import Place, Scalar
from diagnose.facts.recorder import Recorder
from diagnose.sources.dataset.listing import DatasetReading, DatasetSpec, Item, MediaKind
from diagnose.sources.video.frames import Pictures, Unread
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel

SOUND_OUTLASTS = 0.1
"""Share of a container's length that its sound may run on after the last picture."""


class Taken(Struct, frozen=True):
    """The files that are trained on.

    Attributes:
        items: in order of name; hidden ones are left out.
        video: the data set is one of clips.
        decided: False where the trainer is unknown and the two would take different files; the items are then those
            that both take.
        why: what decides the choice.
    """

    items: tuple[Item, ...]
    video: bool
    decided: bool
    complete: bool
    why: str

    @property
    def first(self) -> tuple[Place, ...]:
        """The first of them, as the place of what is true of all; nothing where there are none."""
        return tuple(Place(item.media.file) for item in self.items[:1])

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


def own_length(config: Config, path: str) -> bool:
    """Return whether each clip of a data set is trained at its own length, as the trainer may or may not know."""
    media = config.model.media
    asked = bool(config.flag("clip.auto_frames", path, default=False).value)
    return asked and (media is None or media.auto_frame_count)


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
        why = "the trainer is unknown; some train on stills beside clips, others on clips alone"
        return Taken(clips, video, decided=not stills, complete=reading.complete, why=why)
    items = visible if media.stills_beside_clips else clips
    return Taken(items, video, decided=True, complete=reading.complete, why=media.source)


class SetFacts(Struct, frozen=True):
    """Takes the facts of one data set. Those without a place of their own have that of its entry in the config."""

    spec: DatasetSpec
    record: Recorder

    def known(self, name: str, value: Scalar, places: Sequence[Place] = (), note: str = "") -> None:
        """Record a value."""
        self.record.known(name, value, subject=self.spec.subject, places=places or [self.spec.place], note=note)

    def unknown(self, name: str, why: str, places: Sequence[Place] = ()) -> None:
        """Record why a value cannot be known."""
        self.record.unknown(name, why, subject=self.spec.subject, places=places or [self.spec.place])

    def count(self, name: str, found: Sequence[tuple[Place, str]], taken: Taken, unseen: int = 0) -> None:
        """Record how many files are at fault, and as `NAME_files` which: each has its place, and words for it.

        None of some says nothing of all: where some are not listed, or `unseen` were not looked at to their end.
        """
        places = [place for place, _ in found]
        if not found and (unseen or not taken.complete or not taken.decided):
            why = "not every file was looked at" if taken.decided else taken.why
            why = f"files not looked at to their end: {unseen}" if unseen else why
            self.unknown(name, why)
            self.unknown(f"{name}_files", why)
            return
        note = f"at least; files not looked at to their end: {unseen}" if unseen else ""
        self.known(name, len(found), places, note)
        self.known(f"{name}_files", named([words for _, words in found]), places)


def damage(found: Pictures | Unread | None) -> str:
    """Say what is wrong with a file, in a few words; "" where it is sound, or nobody can tell."""
    if isinstance(found, Unread):
        return found.reason if found.damage else ""
    if found is None:
        return ""
    if found.damaged:
        return f"{found.damaged} of {max(found.decoded, found.declared or 0)} frames damaged"
    if found.whole and found.declared is not None:
        # some muxers count one frame too many, and sound may outlast the pictures
        slack = max(1, SOUND_OUTLASTS * found.declared) if found.estimated else 1
        if found.declared - found.decoded > slack:
            return f"{found.decoded} of {found.declared} frames are there"
    return ""


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

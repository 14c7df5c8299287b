"""Which trainer wrote the run, and what the LoRA is to learn: conclusions with their evidence, never assumptions."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Intent, Place
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config
from diagnose.trainers.other_programs import PROGRAMS as OTHER_PROGRAMS
from diagnose.trainers.rooms import hints, of_room
from diagnose.trainers.trainer_model import TrainerModel


def where_said(what: str, declared: Place | None) -> Place:
    """Return the place in the project file, or else the option of the command line, that is named as `what`."""
    return declared or Place("command line", key=f"--{what}")


def how_said(at: Place) -> str:
    """Say how the user's word came to us."""
    return f"as asked with {at.key}" if at.line is None else f"as declared in {at}"


class Clue(Struct, frozen=True):
    """One piece of evidence for a trainer. `decisive` clues are written by one trainer only."""

    trainer: str
    text: str
    place: Place
    decisive: bool


class TrainerVerdict(Struct, frozen=True):
    """The trainer concluded, or None where nothing decides, with the evidence for and against."""

    trainer: str | None
    clues: tuple[Clue, ...]
    kin: tuple[str, ...]
    """The trainers that may have written it: those of the room that reads its files, or all where that is open."""
    asked: Place | None = None
    """Where the user said it, if they did."""
    other: str | None = None
    """Another program, that shows itself in the console, and of which we know no more than its name."""


def conclude_trainer(
    readings: RunReadings,
    trainers: Mapping[str, TrainerModel],
    asked: str | None,
    at: Place | None = None,
) -> TrainerVerdict:
    """Weigh the evidence. What the user says wins; then decisive clues, where they agree; then hints in the config."""
    clues = tuple(
        Clue(sign.trainer, sign.text, sign.place, decisive)
        for signs, decisive in (
            (readings.signs, True),
            (hints(readings.config, trainers) if readings.config is not None else (), False),
        )
        for sign in signs
    )
    concluded, said = asked, where_said("trainer", at) if asked is not None else None
    if asked is None:
        decisive = {clue.trainer for clue in clues if clue.decisive}
        named = decisive or {clue.trainer for clue in clues}
        concluded = named.pop() if len(named) == 1 else None

    if concluded is not None and concluded not in trainers:
        return TrainerVerdict(None, clues, (concluded,), said, other=concluded)

    # the room that the run is of: by its trainer, else by its config, else by other files
    rooms = {trainers[sign.trainer].room for sign in readings.signs if sign.trainer in trainers}
    if concluded is not None:
        rooms = {trainers[concluded].room}
    elif readings.config is not None:
        rooms = {readings.config.room}
    own = of_room(rooms.pop(), trainers) if len(rooms) == 1 else {}
    # what no reader of a room knows may be of any program
    others = OTHER_PROGRAMS if readings.config is None and _is_anyones(readings) else ()
    return TrainerVerdict(concluded, clues, (*(own or trainers), *others), said)


def _is_anyones(readings: RunReadings) -> bool:
    """Return whether the console is all there is, and no trainer's reader knew it."""
    return readings.console is not None and readings.console.anyones


class IntentVerdict(Struct, frozen=True):
    """The intent, None where nothing tells, with the sentences that say why and where they were read."""

    intent: Intent | None
    evidence: tuple[str, ...]
    places: tuple[Place, ...]


def conclude_intent(config: Config | None, asked: Intent | None, at: Place | None = None) -> IntentVerdict:
    """Return what the user said; else motion for an image-to-video model trained on clips; else nothing.

    `at` is where the user said it, if not on the command line.

    An image-to-video LoRA is given the first frame: what is left to learn from a clip is how it moves. Stills teach
    such a model nothing, and a text-to-video LoRA may be after anything, so neither is decided here.
    """
    if asked is not None:
        said = where_said("intent", at)
        return IntentVerdict(asked, (how_said(said),), (said,))
    arch = config.text("arch") if config is not None and config.is_image_to_video else None
    if config is None or arch is None:
        return IntentVerdict(None, (), ())
    for entry in config.entries("clips"):
        frames = config.number("clip.frames", entry)
        counted = config.flag("clip.auto_frames", entry, default=False)
        whole = counted.value and config.model.media is not None and config.model.media.auto_frame_count
        if whole or (frames is not None and frames.value > 1):
            length = "their own length" if whole or frames is None else f"{frames.value} frames"
            text = f"inferred: an image-to-video model ({arch.value}) is trained on clips of {length}"
            place = counted.place if whole or frames is None else frames.place
            return IntentVerdict(Intent.MOTION, (f"{text}; --intent says otherwise",), (arch.place, place))
    return IntentVerdict(None, (), ())

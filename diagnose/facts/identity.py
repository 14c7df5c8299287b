"""Which trainer wrote the run, and what the LoRA is to learn: conclusions with their evidence, never assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from diagnose.core.frozen import dataclass
from diagnose.core.values import Place
from diagnose.facts.said import where_said
from diagnose.sources.readings import RunReadings
from diagnose.trainers.recognition import hints, of_room
from diagnose.trainers.trainer_model import TrainerModel


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence for a trainer. `decisive` clues are written by one trainer only."""

    trainer: str
    text: str
    place: Place
    decisive: bool


@dataclass(frozen=True, slots=True)
class TrainerVerdict:
    """The trainer concluded, or None where nothing decides, with the evidence for and against."""

    trainer: str | None
    clues: tuple[Clue, ...]
    kin: tuple[str, ...]
    """The trainers that may have written it: those of the room that reads its files, or all where that is open."""
    asked: Place | None = None
    """Where the user said it, if they did."""


def conclude_trainer(
    readings: RunReadings,
    trainers: Mapping[str, TrainerModel],
    asked: str | None,
    at: Place | None = None,
) -> TrainerVerdict:
    """Weigh the evidence. What the user says wins; then decisive clues, where they agree; then hints in the config."""
    clues = tuple(_clues(readings, trainers))
    kin = partial(_kin, readings, trainers)
    if asked is not None:
        return TrainerVerdict(asked, clues, kin(asked), where_said("trainer", at))
    for group in ([clue for clue in clues if clue.decisive], clues):
        named = {clue.trainer for clue in group}
        if len(named) == 1:
            concluded = named.pop()
            return TrainerVerdict(concluded, clues, kin(concluded))
        if named:
            break
    return TrainerVerdict(None, clues, kin(None))


def _kin(readings: RunReadings, trainers: Mapping[str, TrainerModel], concluded: str | None) -> tuple[str, ...]:
    """Return the trainers of the room that the run is of: by its trainer, else by its config, else by other files."""
    rooms = {trainers[sign.trainer].room for sign in readings.signs}
    if concluded is not None:
        rooms = {trainers[concluded].room}
    elif readings.config is not None:
        rooms = {readings.config.room}
    own = of_room(rooms.pop(), trainers) if len(rooms) == 1 else {}
    return tuple(own or trainers)


def _clues(readings: RunReadings, trainers: Mapping[str, TrainerModel]) -> Iterator[Clue]:
    for sign in readings.signs:
        yield Clue(sign.trainer, sign.text, sign.place, decisive=True)
    for sign in hints(readings.config, trainers) if readings.config is not None else ():
        yield Clue(sign.trainer, sign.text, sign.place, decisive=False)

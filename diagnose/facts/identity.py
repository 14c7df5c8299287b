"""Which trainer wrote the run, and what the LoRA is to learn: conclusions with their evidence, never assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.facts.said import where_said
from diagnose.sources.readings import RunReadings
from diagnose.trainers.aitoolkit import FORK, UPSTREAM
from diagnose.trainers.aitoolkit.known_keys import written_keys
from diagnose.trainers.declared import Config
from diagnose.trainers.model import TrainerModel


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
    """Weigh the evidence. What the user says wins; then decisive clues, where they agree; then keys in the config."""
    clues = tuple(_clues(readings, trainers))
    if asked is not None:
        return TrainerVerdict(asked, clues, _kin(asked, trainers), where_said("trainer", at))
    for group in ([clue for clue in clues if clue.decisive], clues):
        named = {clue.trainer for clue in group}
        if len(named) == 1:
            concluded = named.pop()
            return TrainerVerdict(concluded, clues, _kin(concluded, trainers))
        if named:
            break
    return TrainerVerdict(None, clues, tuple(trainers))


def _kin(trainer: str, trainers: Mapping[str, TrainerModel]) -> tuple[str, ...]:
    return tuple(name for name, each in trainers.items() if each.room == trainers[trainer].room)


def _clues(readings: RunReadings, trainers: Mapping[str, TrainerModel]) -> Iterator[Clue]:
    for sign in readings.signs:
        yield Clue(sign.trainer, sign.text, sign.place, decisive=True)
    yield from _key_clues(readings, trainers)


def _key_clues(readings: RunReadings, trainers: Mapping[str, TrainerModel]) -> Iterator[Clue]:
    """Yield what the keys of the config tell: one that a single trainer's reader asks for was written for that one."""
    if readings.config is None:
        return
    config = Config(readings.config, trainers[UPSTREAM])
    per_expert = config.per_expert_keys()
    first = {FORK: next(iter(per_expert.items()), None), UPSTREAM: None}
    for path, place, section, key in written_keys(config):
        readers = [name for name, model in trainers.items() if key in model.keys.get(section, ())]
        if len(readers) == 1 and first[readers[0]] is None:
            first[readers[0]] = (path, place)
    for trainer, found in first.items():
        if found is not None:
            text = f"{found[0]} is a key that only {trainers[trainer].label} reads"
            yield Clue(trainer, text, found[1], decisive=False)

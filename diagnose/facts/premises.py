"""What everything else about a run is read by: which trainer, at which version, for what purpose, with which config."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from msgspec import Struct

from diagnose.core.values import Intent, Place
from diagnose.facts.identity import IntentVerdict, TrainerVerdict, conclude_intent, conclude_trainer, how_said
from diagnose.facts.recorder import NONE, Recorder
from diagnose.facts.targets import Machine, Targets, Yardstick
from diagnose.rulebase.environments import BadCombination
from diagnose.rulebase.graphics_cards import GraphicsCard
from diagnose.sources.environment.component import Component
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import Model, TrainerModel, VersionChange, before, stand_in

if TYPE_CHECKING:
    from diagnose.crashes.versions import ReadVersions

_NUMBER = re.compile(r"\d{1,6}")


class Era(Struct, frozen=True):
    """The oldest version number in the checkpoints, and the day of the last thing written; None where nothing tells."""

    version: str | None
    version_place: Place | None
    last_day: date | None
    day_place: Place | None

    def has(self, change: VersionChange) -> bool | None:
        """Return whether the trainer that wrote the run had the change; None where neither number nor day decides.

        A day decides one way only: nothing can have a change that was made later, but an old copy may run at any time.
        """
        since = change.since
        if since is None:
            return False
        if self.version is not None:
            if _parts(self.version) >= _parts(since.version):
                return True
            if change.last_without is not None and _parts(self.version) <= _parts(change.last_without):
                return False
        return False if self.last_day is not None and self.last_day < since.day else None

    @property
    def places(self) -> tuple[Place, ...]:
        """What tells the era."""
        return tuple(place for place in (self.version_place, self.day_place) if place is not None)


def read_era(readings: RunReadings) -> Era:
    """Return what tells the age of the trainer that wrote a run."""
    stamped = [
        (_parts(c.software_version), c.software_version, Place(c.file, key="__metadata__.software"))
        for c in readings.checkpoints
        if c.software_version is not None and _NUMBER.match(c.software_version)
    ]
    days = [(day, place) for seconds, place in _times(readings) if (day := _day(seconds)) is not None]
    oldest = min(stamped, key=lambda found: found[0], default=None)
    last = max(days, key=lambda found: found[0], default=(None, None))
    version, version_place = oldest[1:] if oldest else (None, None)
    return Era(version, version_place, *last)


def versions_read(readings: RunReadings, trainer: str | None) -> ReadVersions:
    """Return what tells which software made a run: its parts, the trainer's version, the last day of the run."""
    from diagnose.crashes.versions import ReadVersions  # noqa: PLC0415 - a pre-flight has no console

    era = read_era(readings)
    parts = {each.name: each for each in readings.environment}
    if trainer is not None and era.version is not None and era.version_place is not None:
        parts[trainer] = Component(trainer, era.version, era.version_place)
    return ReadVersions(parts, era.last_day, era.day_place)


def trainer_then(model: Model, era: Era) -> Model:
    """Return the trainer's model as it was when the run was written, the latest state where nothing tells."""
    for change in model.versions:
        if change.since is not None and change.overlay and era.has(change) is False:
            model = before(model, change)
    return model


def record_version(model: TrainerModel, era: Era, record: Recorder) -> None:
    """Record `trainer.version`, and the faults of that time: `trainer.old_fault` and `trainer.old_fault_on_resume`."""
    if era.version is not None and era.version_place is not None:
        record.known("trainer.version", era.version, places=[era.version_place])
    if not model.versions:
        return  # its history is not described
    for name, on_resume in (("trainer.old_fault", False), ("trainer.old_fault_on_resume", True)):
        clear = True
        for change in model.versions:
            if change.fault is None or change.on_resume is not on_resume:
                continue
            has = era.has(change)
            clear = clear and has is True
            if has is None:
                record.unknown(name, _when(change), subject=change.id, places=era.places)
            elif not has:
                record.known(name, change.fault, subject=change.id, places=era.places, note=_when(change))
        if clear:
            record.known(name, NONE, subject=NONE, places=era.places)


def _when(change: VersionChange) -> str:
    since = change.since
    return f"corrected on {since.day} ({since.commit})" if since is not None else "corrected in no release"


def _times(readings: RunReadings) -> Iterator[tuple[float, Place]]:
    """Yield what carries a time, seconds since the epoch, with its place. Files' own times are no evidence: copies."""
    for log in readings.logs:
        for row in log.rows[-1:]:
            if row.time is not None:
                yield row.time, log.place(row)
    for sample in readings.samples:
        yield sample.epoch_ms / 1000, Place(sample.file, step=sample.step)


def _day(seconds: float) -> date | None:
    """Return the day of a time, None where a file names one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).date() if seconds > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _NUMBER.findall(version)[:3])


class Asked(Struct, frozen=True):
    """What the user says of a run, and what it is held against.

    Attributes:
        targets: what a motion run should come to.
        yardstick: what data sets are held against.
        agreement: sign agreement for the forecast; None: from the log, else the reference run's.
        said_at: where "trainer" and "intent" were said, if not on the command line.
        machine: the memory that the run will have.
        card: the graphics card that it is or was on, as far as it is said; None: nobody says.
        cards: those that are known, by name.
        combinations: versions that do not go together, by id.
    """

    targets: Targets
    yardstick: Yardstick
    trainer: str | None = None
    intent: Intent | None = None
    agreement: float | None = None
    said_at: Mapping[str, Place] = {}
    machine: Machine = Machine()
    card: GraphicsCard | None = None
    cards: Mapping[str, GraphicsCard] = {}
    combinations: Mapping[str, BadCombination] = {}


class Premises(Struct, frozen=True):
    """Trainer and intent as concluded; `model` is the trainer at the run's version, None where it is unknown.

    `candidates` are the trainers it may be. A config for an unknown one of a room is read through the one that stands
    in for it: they share most of their defaults.
    """

    trainer: TrainerVerdict
    intent: IntentVerdict
    model: TrainerModel | None
    candidates: tuple[TrainerModel, ...]
    config: Config | None


def record_premises(
    readings: RunReadings, trainers: Mapping[str, TrainerModel], asked: Asked, record: Recorder
) -> Premises:
    """Conclude and record `run.trainer`, `run.intent` and the facts about the trainer's version."""
    concluded = conclude_trainer(readings, trainers, asked.trainer, asked.said_at.get("trainer"))
    era = read_era(readings)
    model = trainer_then(trainers[concluded.trainer], era) if concluded.trainer is not None else None
    reading = readings.config
    kin = [trainers[name] for name in concluded.kin if name in trainers]
    config = Config(reading, model or stand_in(kin)) if reading is not None and kin else None
    purpose = conclude_intent(config, asked.intent, asked.said_at.get("intent"))
    if concluded.trainer is not None:
        own = [clue for clue in concluded.clues if clue.trainer == concluded.trainer]
        note = how_said(concluded.asked) if concluded.asked else "; ".join(clue.text for clue in own)
        record.known("run.trainer", concluded.trainer, places=[clue.place for clue in own], note=note)
    elif concluded.other is not None:
        record.known("run.trainer", concluded.other, places=[clue.place for clue in concluded.clues[:1]])
    else:
        record.unknown("run.trainer", "the evidence does not decide" if concluded.clues else "nothing shows it")
    if purpose.intent is not None:
        record.known("run.intent", purpose.intent.value, places=purpose.places, note="; ".join(purpose.evidence))
    # without a config that says otherwise it is taken for WAN 2.2 with its two experts, which it is most often
    arch = config.text("arch") if config is not None else None
    another = config is not None and not config.may_have_two_experts
    record.known("run.another_model", another, places=[arch.place] if arch is not None else [])
    if model is not None:
        record_version(model, era, record)
    candidates = (model,) if model is not None else tuple(kin)
    return Premises(concluded, purpose, model, candidates, config)

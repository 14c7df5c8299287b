"""What everything else about a run is read by: which trainer, at which version, for what purpose, with which config."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Intent, Place
from diagnose.facts.identity import IntentVerdict, TrainerVerdict, conclude_intent, conclude_trainer, how_said
from diagnose.facts.recorder import Recorder
from diagnose.facts.targets import Targets, Yardstick
from diagnose.facts.trainer_version import read_era, record_version, trainer_then
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel, stand_in


class Asked(Struct, frozen=True):
    """What the user says of a run, and what it is held against.

    Attributes:
        targets: what a motion run should come to.
        yardstick: what data sets are held against.
        agreement: sign agreement for the forecast; None: from the log, else the reference run's.
        said_at: where "trainer" and "intent" were said, if not on the command line.
    """

    targets: Targets
    yardstick: Yardstick
    trainer: str | None = None
    intent: Intent | None = None
    agreement: float | None = None
    said_at: Mapping[str, Place] = {}


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

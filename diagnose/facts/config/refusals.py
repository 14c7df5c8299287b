"""Settings that stop the trainer with an error, at its start or at the first step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.facts.config.declared import Config
from diagnose.facts.record import NONE, Recorder
from diagnose.model import Expert, Place
from diagnose.rulebase.trainers import TrainerModel


@dataclass(frozen=True, slots=True)
class Refusal:
    """A setting that the trainer stops at: its path, why, and where its code says so."""

    path: str
    why: str
    place: Place
    source: str


def record_refusals(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record `config.refused_setting`, one subject per setting.

    An unknown trainer is seen through upstream, which takes every value that the fork takes.
    """
    model = trainer or config.model
    found = {each.path: each for each in (*_refused(config, model), *_disallowed(config, model), *_clashes(config))}
    for path, each in found.items():
        note = f"{model.label}: {each.source}" if each.source else ""
        record.known("config.refused_setting", each.why, subject=path, places=[each.place], note=model.cited(note))
    if not found:
        record.known("config.refused_setting", NONE, subject=NONE, places=[Place(config.reading.file)])


def _refused(config: Config, model: TrainerModel) -> Iterator[Refusal]:
    for entry in model.refused if config.is_wan22_14b else ():
        for path, index in config.expanded(entry.path):
            setting = config.setting(path)
            if setting.value and config.holds(entry.when, index):
                yield Refusal(path, entry.why, setting.place, entry.source)


def _disallowed(config: Config, model: TrainerModel) -> Iterator[Refusal]:
    for entry in model.choices:
        found = config.text(entry.path)
        if found is not None and found.written and config.holds(entry.when) and not entry.allows(found.value):
            why = f"{found.value} is none of the values it takes: {', '.join(entry.values)}"
            yield Refusal(entry.path, why, found.place, entry.source)


def _clashes(config: Config) -> Iterator[Refusal]:
    new, old = config.number("train.gradient_accumulation"), config.number("train.gradient_accumulation_steps")
    if new is not None and old is not None and new.value > 1 and old.value != 1:
        why = "it excludes gradient_accumulation; keep gradient_accumulation alone"
        yield Refusal("train.gradient_accumulation_steps", why, old.place, "config_modules.py:440-442")
    off = [config.trains(expert) for expert in Expert]
    if config.is_wan22_14b and not any(each.value for each in off):
        why = "both experts are switched off; at least one must be trained"
        yield Refusal("model.model_kwargs", why, off[0].place, "wan22_14b_model.py:205-208")
    name = config.setting("model.name_or_path")
    if config.mapping("model") and not name.value:
        why = "the model to train must be named"
        yield Refusal("model.name_or_path", why, name.place, "config_modules.py:665-666")

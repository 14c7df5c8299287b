"""Settings that stop the trainer with an error, at its start or at the first step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.core.model import Place
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.config.declared import Config, shown
from diagnose.facts.config.validation import validates
from diagnose.facts.config.values import misplaced_parts
from diagnose.facts.record import NONE, Recorder
from diagnose.sources.config import dotted as reader
from diagnose.sources.config.dotted import JOB, JOB_NAME
from diagnose.trainers.model import TrainerModel

JOB_OF_LORAS = "extension"
FOLDERS = ("folder_path", "dataset_path")
EMPTY, FOLDER = "SDTrainer.py:2245-2270", "data_loader.py:405-428"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A setting that the trainer stops at: its path, why, and where its code says so."""

    path: str
    why: str
    place: Place
    source: str


def record_refusals(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record `config.refused_setting`, one subject per setting, the kind of job, and whether there is no LoRA.

    An unknown trainer is seen through upstream, which takes every value that the fork takes.
    """
    model = trainer or config.model
    if config.reading.root:
        _record_job(config, record)
        network = config.setting("network")
        trained = any(config.setting(part).given for part in ("network", "adapter", "embedding", "decorator"))
        record.known("config.whole_model", not trained, places=[network.place])
    kinds = (_refused(config, model), _disallowed(config, model), _clashes(config), _misplaced(config, model))
    found = {each.path: each for refusals in kinds for each in refusals}
    for path, each in found.items():
        note = f"{model.label}: {each.source}" if each.source else ""
        record.known("config.refused_setting", each.why, subject=path, places=[each.place], note=model.cited(note))
    if not found:
        record.known("config.refused_setting", NONE, subject=NONE, places=[Place(config.reading.file)])


def _record_job(config: Config, record: Recorder) -> None:
    """Record another job than the one that trains a LoRA (toolkit/job.py); of a part of a config nothing is known."""
    job = config.setting(JOB)
    if job.value == JOB_OF_LORAS:
        record.known("config.job_line", NONE, subject=NONE, places=[job.place])
    else:
        state = f"is {shown(job.value)}" if job.written else "is absent"
        record.known("config.job_line", state, subject=JOB, places=[job.place])


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


def _misplaced(config: Config, model: TrainerModel) -> Iterator[Refusal]:
    for each in misplaced_parts(config, model):
        yield Refusal(each.path, each.says, each.place, each.source)


def _clashes(config: Config) -> Iterator[Refusal]:
    new, old = config.number("train.gradient_accumulation"), config.number("train.gradient_accumulation_steps")
    if new is not None and old is not None and new.value > 1 and old.value != 1:
        why = "it excludes gradient_accumulation; keep gradient_accumulation alone"
        yield Refusal("train.gradient_accumulation_steps", why, old.place, "config_modules.py:440-442")
    off = [config.trains(expert) for expert in Expert]
    if config.is_wan22_14b and not any(each.value for each in off):
        why = "both experts are switched off; at least one must be trained"
        yield Refusal("model.model_kwargs", why, off[0].place, "wan22_14b_model.py:205-208")
    job = config.setting(JOB_NAME)
    if job.given and not isinstance(job.value, str):
        yield Refusal(JOB_NAME, "it is no text; put it in quotes", job.place, "toolkit/config.py:49")
    sets = config.setting("datasets")
    if sets.written and sets.value in (None, []):
        yield Refusal("datasets", "no data set is named, so there is nothing to train on", sets.place, EMPTY)
    for path, _ in config.expanded("datasets[]"):
        if config.mapping(path) and not any(config.setting(f"{path}.{key}").value for key in FOLDERS):
            yield Refusal(f"{path}.folder_path", "no folder is named", reader.place(config.reading, path), FOLDER)
    if validates(config, config.model) and config.is_wan22_14b and config.is_image_to_video:
        at = config.setting("train.validation_config")
        why = "a validation has no clip, and this model takes its first frame from one, so the first step is the last"
        yield Refusal(
            "train.validation_config", why, at.place, "BaseSDTrainProcess.py:1735, wan22_14b_i2v_model.py:119"
        )
    name = config.setting("model.name_or_path")
    if config.mapping("model") and not name.value:
        why = "the model to train must be named"
        yield Refusal("model.name_or_path", why, name.place, "config_modules.py:665-666")

"""Keys and values that are at fault by themselves: refused, of another kind, meaning something else, or not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from diagnose.core.values import Place
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.answers import EffectiveRates
from diagnose.trainers.declared import AUTOMAGIC, Config, shown
from diagnose.trainers.trainer_model import TrainerModel

MISFITS = {
    "null": "config.null_refused",
    "kind": "config.wrong_kind",
    "text for a number": "config.number_as_text",
    "text for a switch": "config.switch_as_text",
}
"""What is wrong with a value -> the fact that tells of it."""

Found: TypeAlias = "Mapping[str, tuple[str, Place, str]]"
"""What is at fault: key -> what to say of it, where it is, and where that is known from."""


def _record_each(fact: str, found: Found, config: Config, record: Recorder, source: str = "") -> None:
    """Record a fact of each key, or that there is no such key, with the `source` of that."""
    for key, (says, place, note) in found.items():
        record.known(fact, says, subject=key, places=[place], note=note)
    if not found:
        record.known(fact, NONE, subject=NONE, places=[Place(config.reading.file)], note=source)


def _source(model: TrainerModel, source: str) -> str:
    return f"{model.label}: {source}" if source else ""


def record_refusals(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record `config.refused_setting`, one subject per setting, the kind of job, and whether there is no LoRA.

    An unknown trainer is seen through upstream, which takes every value that the fork takes. Another job than the one
    that trains a LoRA is told from `job:` (toolkit/job.py); of a part of a config nothing is known.
    """
    model = trainer or config.model
    refusals = model.refusals(config)
    if refusals is None:
        return
    if config.reading.root:
        job = config.setting("job")
        state = f"is {shown(job.value)}" if job.written else "is absent"
        subject, state = (NONE, NONE) if job.value == config.model.lora_job else ("job", state)
        record.known("config.job_line", state, subject=subject, places=[job.place])
        trained = any(config.setting(part).given for part in ("lora", "adapter", "embedding", "decorator"))
        record.known("config.whole_model", not trained, places=[config.place("lora")])
    found = {key: (each.why, each.place, model.cited(_source(model, each.source))) for key, each in refusals.items()}
    _record_each("config.refused_setting", found, config, record)


def record_refused_parameters(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record which keys are refused, by the optimizer and by automagic, a subject per key.

    What an optimizer takes is alike in both trainers, so an unknown trainer is seen through the config's own. For an
    optimizer whose constructor was not read nothing is recorded.
    """
    model = trainer or config.model
    for fact, name in (("config.refused_parameter", config.optimizer), ("config.refused_by_automagic", AUTOMAGIC)):
        refused = model.refused_parameters(config, name) if name is not None else None
        if refused is not None:
            source = _source(model, refused[1])
            found = {key: (why, config.raw.setting(key).place, source) for key, why in refused[0].items()}
            _record_each(fact, found, config, record, source)


def record_values(config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder) -> None:
    """Record every value that stops the trainer by its kind, or that it takes for something else, a subject per key.

    An unknown trainer is seen through upstream: what the two take for a key differs by nothing here.
    """
    model = trainer or config.model
    misfits, odd = model.misfits(config, rates), model.unseen_values(config)
    if misfits is None or odd is None:
        return
    wrong: dict[str, dict[str, tuple[str, Place, str]]] = {fact: {} for fact in MISFITS.values()}
    for each in {each.key: each for each in misfits}.values():
        if each.fault in MISFITS:
            wrong[MISFITS[each.fault]][each.key] = (each.says, each.place, _source(model, each.source))
            if each.meant is not None:
                record.known("config.number_meant", each.meant, subject=each.key, places=[each.place])
    unseen = {key: (setting, entry) for key, setting, entry in odd}
    wrong["config.unseen_value"] = {
        key: (entry.why, setting.place, _source(model, entry.source)) for key, (setting, entry) in unseen.items()
    }
    for fact, found in wrong.items():
        _record_each(fact, found, config, record)
    for key, (setting, entry) in unseen.items():
        record.known("config.unseen_is_grave", entry.grave, subject=key, places=[setting.place])


def record_keys(
    config: Config, family: Mapping[str, TrainerModel], known: TrainerModel | None, record: Recorder
) -> None:
    """Record `config.unknown_key`, `config.ignored_key` and `config.idle_key`, one subject per key.

    `family` are the trainers of the config's room, `known` the one that is concluded.
    """
    faults = (known or config.model).key_faults(config, family, decided=known is not None)
    if faults is None:
        return
    found: dict[str, dict[str, tuple[str, Place, str]]] = {"unknown": {}, "idle": {}, "ignored": {}}
    for each in faults:
        found[each.kind][each.key] = (each.says, each.place, each.note)
    for kind, keys in found.items():
        _record_each(f"config.{kind}_key", keys, config, record)

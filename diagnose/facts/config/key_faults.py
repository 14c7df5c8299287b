"""Keys and values that are at fault by themselves: refused, of another kind, meaning something else, or not read."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.core.values import Place
from diagnose.facts.recorder import NONE, Recorder
from diagnose.trainers.aitoolkit.expert_rates import EffectiveRates, bound_keys
from diagnose.trainers.aitoolkit.known_keys import (
    ignored_keys,
    refused_by,
    unknown_keys,
    unread_per_expert,
    what_was_meant,
)
from diagnose.trainers.aitoolkit.model import AiToolkitModel, toolkit_of
from diagnose.trainers.aitoolkit.refusals import JOB_OF_LORAS, refusals
from diagnose.trainers.aitoolkit.value_kinds import misfits, unseen_values
from diagnose.trainers.declared import AUTOMAGIC, Config, shown

MISFITS = {
    "null": "config.null_refused",
    "kind": "config.wrong_kind",
    "text for a number": "config.number_as_text",
    "text for a switch": "config.switch_as_text",
}
"""What is wrong with a value -> the fact that tells of it."""


def record_refusals(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record `config.refused_setting`, one subject per setting, the kind of job, and whether there is no LoRA.

    An unknown trainer is seen through upstream, which takes every value that the fork takes.
    """
    model = trainer or toolkit_of(config)
    if config.reading.root:
        _record_job(config, record)
        trained = any(config.setting(part).given for part in ("lora", "adapter", "embedding", "decorator"))
        record.known("config.whole_model", not trained, places=[config.place("lora")])
    found = refusals(config, model)
    for key, each in found.items():
        note = f"{model.label}: {each.source}" if each.source else ""
        record.known("config.refused_setting", each.why, subject=key, places=[each.place], note=model.cited(note))
    if not found:
        _record_none(config, "config.refused_setting", record)


def _record_none(config: Config, fact: str, record: Recorder, note: str = "") -> None:
    record.known(fact, NONE, subject=NONE, places=[Place(config.reading.file)], note=note)


def _record_job(config: Config, record: Recorder) -> None:
    """Record another job than the one that trains a LoRA (toolkit/job.py); of a part of a config nothing is known."""
    job = config.setting("job")
    if job.value == JOB_OF_LORAS:
        record.known("config.job_line", NONE, subject=NONE, places=[job.place])
    else:
        state = f"is {shown(job.value)}" if job.written else "is absent"
        record.known("config.job_line", state, subject="job", places=[job.place])


def record_refused_parameters(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record which keys are refused, by the optimizer and by automagic, a subject per key.

    What an optimizer takes is alike in both trainers, so an unknown trainer is seen through the config's own. For an
    optimizer whose constructor was not read nothing is recorded.
    """
    model = trainer or toolkit_of(config)
    for fact, name in (("config.refused_parameter", config.optimizer), ("config.refused_by_automagic", AUTOMAGIC)):
        refused = refused_by(name, config, model) if name is not None else None
        optimizer = model.optimizer(name) if name is not None else None
        if refused is None or optimizer is None:
            continue
        note, found = f"{model.label}: {optimizer.source}", dict(refused)
        for key, why in found.items():
            record.known(fact, why, subject=key, places=[config.raw.setting(key).place], note=note)
        if not found:
            _record_none(config, fact, record, note)


def record_values(
    config: Config, trainer: AiToolkitModel | None, rates: EffectiveRates | None, record: Recorder
) -> None:
    """Record every value that stops the trainer by its kind, or that it takes for something else, a subject per key.

    An unknown trainer is seen through upstream: what the two take for a key differs by nothing here.
    """
    model = trainer or toolkit_of(config)
    found = {each.key: each for each in misfits(config, model, rates)}
    told = set()
    for each in found.values():
        if each.fault not in MISFITS:
            continue
        told.add(MISFITS[each.fault])
        note = f"{model.label}: {each.source}" if each.source else ""
        record.known(MISFITS[each.fault], each.says, subject=each.key, places=[each.place], note=note)
        if each.meant is not None:
            record.known("config.number_meant", each.meant, subject=each.key, places=[each.place])
    unseen = {key: (setting, entry) for key, setting, entry in unseen_values(config, model)}
    for key, (setting, entry) in unseen.items():
        note = f"{model.label}: {entry.source}"
        record.known("config.unseen_value", entry.why, subject=key, places=[setting.place], note=note)
        record.known("config.unseen_is_grave", entry.grave, subject=key, places=[setting.place])
    for fact in (*MISFITS.values(), *(() if unseen else ("config.unseen_value",))):
        if fact not in told:
            _record_none(config, fact, record)


def record_keys(
    config: Config, trainers: Mapping[str, AiToolkitModel], known: AiToolkitModel | None, record: Recorder
) -> None:
    """Record `config.unknown_key`, `config.ignored_key` and `config.idle_key`, one subject per key.

    Without a concluded trainer a key counts as unknown only if neither trainer knows it. Idle is what nobody meant
    anything by: what the interface writes into every config, and keys that are not read and say nothing.
    """
    models = [known] if known is not None else list(trainers.values())
    unknown, empty = unknown_keys(config, models)
    for key, place in unknown.items():
        record.known("config.unknown_key", what_was_meant(key, trainers, models), subject=key, places=[place])
    unread = unread_per_expert(config) if models[0].per_expert.supported else []
    hint = f"per expert only {', '.join(bound_keys(config))} are read, after high_noise_ or low_noise_; it is dropped"
    for key in unread:
        record.known("config.unknown_key", hint, subject=key, places=[config.raw.setting(key).place])
    if not unknown and not unread:
        _record_none(config, "config.unknown_key", record)
    counts = {"config.ignored_key": 0, "config.idle_key": len(empty)}
    for key, place in empty.items():
        record.known("config.idle_key", "it is not read, and it is off or empty", subject=key, places=[place])
    for key, setting, entry in ignored_keys(config, models[0]):
        fact = "config.idle_key" if entry.idle else "config.ignored_key"
        counts[fact] += 1
        note = f"{models[0].label}: {entry.source}"
        record.known(fact, entry.why, subject=key, places=[setting.place], note=note)
    for fact, count in counts.items():
        if not count:
            _record_none(config, fact, record)

"""Keys and values that are at fault by themselves: refused, of another kind, meaning something else, or not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

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

Found: TypeAlias = "Mapping[str, tuple[str, Place, str]]"
"""What is at fault: key -> what to say of it, where it is, and where that is known from."""


def _record_each(fact: str, found: Found, config: Config, record: Recorder, source: str = "") -> None:
    """Record a fact of each key, or that there is no such key, with the `source` of that."""
    for key, (says, place, note) in found.items():
        record.known(fact, says, subject=key, places=[place], note=note)
    if not found:
        record.known(fact, NONE, subject=NONE, places=[Place(config.reading.file)], note=source)


def _source(model: AiToolkitModel, source: str) -> str:
    return f"{model.label}: {source}" if source else ""


def record_refusals(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record `config.refused_setting`, one subject per setting, the kind of job, and whether there is no LoRA.

    An unknown trainer is seen through upstream, which takes every value that the fork takes. Another job than the one
    that trains a LoRA is told from `job:` (toolkit/job.py); of a part of a config nothing is known.
    """
    model = trainer or toolkit_of(config)
    if config.reading.root:
        job = config.setting("job")
        state = f"is {shown(job.value)}" if job.written else "is absent"
        subject, state = (NONE, NONE) if job.value == JOB_OF_LORAS else ("job", state)
        record.known("config.job_line", state, subject=subject, places=[job.place])
        trained = any(config.setting(part).given for part in ("lora", "adapter", "embedding", "decorator"))
        record.known("config.whole_model", not trained, places=[config.place("lora")])
    found = {
        key: (each.why, each.place, model.cited(_source(model, each.source)))
        for key, each in refusals(config, model).items()
    }
    _record_each("config.refused_setting", found, config, record)


def record_refused_parameters(config: Config, trainer: AiToolkitModel | None, record: Recorder) -> None:
    """Record which keys are refused, by the optimizer and by automagic, a subject per key.

    What an optimizer takes is alike in both trainers, so an unknown trainer is seen through the config's own. For an
    optimizer whose constructor was not read nothing is recorded.
    """
    model = trainer or toolkit_of(config)
    for fact, name in (("config.refused_parameter", config.optimizer), ("config.refused_by_automagic", AUTOMAGIC)):
        refused = refused_by(name, config, model) if name is not None else None
        optimizer = model.optimizer(name) if name is not None else None
        if refused is not None and optimizer is not None:
            source = _source(model, optimizer.source)
            found = {key: (why, config.raw.setting(key).place, source) for key, why in refused}
            _record_each(fact, found, config, record, source)


def record_values(
    config: Config, trainer: AiToolkitModel | None, rates: EffectiveRates | None, record: Recorder
) -> None:
    """Record every value that stops the trainer by its kind, or that it takes for something else, a subject per key.

    An unknown trainer is seen through upstream: what the two take for a key differs by nothing here.
    """
    model = trainer or toolkit_of(config)
    wrong: dict[str, dict[str, tuple[str, Place, str]]] = {fact: {} for fact in MISFITS.values()}
    for each in {each.key: each for each in misfits(config, model, rates)}.values():
        if each.fault in MISFITS:
            wrong[MISFITS[each.fault]][each.key] = (each.says, each.place, _source(model, each.source))
            if each.meant is not None:
                record.known("config.number_meant", each.meant, subject=each.key, places=[each.place])
    unseen = {key: (setting, entry) for key, setting, entry in unseen_values(config, model)}
    wrong["config.unseen_value"] = {
        key: (entry.why, setting.place, _source(model, entry.source)) for key, (setting, entry) in unseen.items()
    }
    for fact, found in wrong.items():
        _record_each(fact, found, config, record)
    for key, (setting, entry) in unseen.items():
        record.known("config.unseen_is_grave", entry.grave, subject=key, places=[setting.place])


def record_keys(
    config: Config, trainers: Mapping[str, AiToolkitModel], known: AiToolkitModel | None, record: Recorder
) -> None:
    """Record `config.unknown_key`, `config.ignored_key` and `config.idle_key`, one subject per key.

    Without a concluded trainer a key counts as unknown only if neither trainer knows it. Idle is what nobody meant
    anything by: what the interface writes into every config, and keys that are not read and say nothing.
    """
    models = [known] if known is not None else list(trainers.values())
    unknown, empty = unknown_keys(config, models)
    strange = {key: (what_was_meant(key, trainers, models), place, "") for key, place in unknown.items()}
    hint = f"per expert only {', '.join(bound_keys(config))} are read, after high_noise_ or low_noise_; it is dropped"
    for key in unread_per_expert(config) if models[0].per_expert.supported else ():
        strange[key] = (hint, config.raw.setting(key).place, "")
    idle = {key: ("it is not read, and it is off or empty", place, "") for key, place in empty.items()}
    ignored: dict[str, tuple[str, Place, str]] = {}
    for key, setting, entry in ignored_keys(config, models[0]):
        (idle if entry.idle else ignored)[key] = (entry.why, setting.place, _source(models[0], entry.source))
    _record_each("config.unknown_key", strange, config, record)
    _record_each("config.idle_key", idle, config, record)
    _record_each("config.ignored_key", ignored, config, record)

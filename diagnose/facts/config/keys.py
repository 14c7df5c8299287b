"""Keys of the config that the trainer does not know, or knows and does not use here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches

from diagnose.core.model import Place
from diagnose.facts.config.declared import AUTOMAGIC, Config
from diagnose.facts.config.effective import BOUNDS
from diagnose.facts.record import NONE, Recorder
from diagnose.sources.config import dotted as reader
from diagnose.trainers.model import TrainerModel

SECTIONS = ("network", "save", "train", "train.ema_config", "model", "model.model_kwargs", "sample", "logging")
LETTERS, JOINTS = 0.6, 0.9
"""Share of letters in common from which a word, or a key with another number of words, counts as misspelt."""
LISTS = {"datasets": "datasets", "sample.samples": "sample.samples"}


def record_keys(
    config: Config, trainers: Mapping[str, TrainerModel], known: TrainerModel | None, record: Recorder
) -> None:
    """Record `config.unknown_key` and `config.ignored_key`, one subject per key.

    Without a concluded trainer a key counts as unknown only if neither trainer knows it.
    """
    models = [known] if known is not None else list(trainers.values())
    unknown = {
        path: place
        for path, place, section, key in written_keys(config)
        if not any(key in model.keys[section] for model in models)
    }
    unknown, empty = _parted(config, unknown)
    for path, place in unknown.items():
        record.known("config.unknown_key", _hint(path, trainers, models), subject=path, places=[place])
    unread = _unread_per_expert(config) if models[0].per_expert.supported else {}
    for path, place in unread.items():
        hint = f"per expert only {', '.join(BOUNDS)} are read, after high_noise_ or low_noise_; it is dropped"
        record.known("config.unknown_key", hint, subject=path, places=[place])
    if not unknown and not unread:
        record.known("config.unknown_key", NONE, subject=NONE, places=[Place(config.reading.file)])
    _record_ignored(config, models[0], empty, record)


def _parted(config: Config, unknown: Mapping[str, Place]) -> tuple[dict[str, Place], dict[str, Place]]:
    """Return the unknown keys that say something, and those that are off or empty, whose loss changes nothing."""
    empty = {path: place for path, place in unknown.items() if not config.setting(path).value}
    return {path: place for path, place in unknown.items() if path not in empty}, empty


def written_keys(config: Config) -> Iterator[tuple[str, Place, str, str]]:
    """Yield every key of a known section: path, place, section, key."""
    for key in config.mapping(""):
        yield str(key), reader.place(config.reading, str(key)), "process", str(key)
    for section in SECTIONS:
        for key in config.mapping(section):
            path = f"{section}.{key}"
            yield path, reader.place(config.reading, path), section, str(key)
    for section, path in LISTS.items():
        for index in range(len(config.items(path))):
            for key in config.mapping(f"{path}[{index}]"):
                full = f"{path}[{index}].{key}"
                yield full, reader.place(config.reading, full), section, str(key)


def _unread_per_expert(config: Config) -> dict[str, Place]:
    """Return what is written for one expert and is no setting that can be; other optimizers refuse all such keys."""
    return {
        f"train.optimizer_params.{key}": place
        for key, place in (config.per_expert_keys() if config.optimizer == AUTOMAGIC else {}).items()
        if not key.endswith(tuple(f"_noise_{bound}" for bound in BOUNDS))
    }


def _hint(path: str, trainers: Mapping[str, TrainerModel], models: list[TrainerModel]) -> str:
    """Return what may have been meant: another section, another trainer, another program's key, or the nearest one."""
    key = path.rsplit(".", 1)[-1]
    if key in models[0].misnomers:
        return models[0].misnomers[key]
    section = re.sub(r"\[\d+\]", "", path.rsplit(".", 1)[0]) if "." in path else "process"
    homes = sorted({name for model in models for name, keys in model.keys.items() if key in keys and name != section})
    if homes:
        return f"it belongs under {' or '.join('the process entry' if home == 'process' else home for home in homes)}"
    others = [model.label for model in trainers.values() if model not in models and key in model.keys.get(section, ())]
    if others:
        return f"only {others[0]} reads it"
    near = get_close_matches(key, sorted({k for model in models for k in model.keys.get(section, ())}), n=1, cutoff=0.8)
    if near and _is_typo(key, near[0]):
        return f"perhaps {near[0]} is meant"
    return "the trainer knows no such key" if len(models) == 1 else "neither trainer knows such a key"


def _is_typo(key: str, other: str) -> bool:
    """Return whether two keys differ as a slip of the hand does: in a word's letters or joints, not in a whole word."""
    words, others = key.split("_"), other.split("_")
    if len(words) != len(others):
        return SequenceMatcher(None, key, other).ratio() >= JOINTS
    apart = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return all(SequenceMatcher(None, a, b).ratio() >= LETTERS for a, b in apart)


def _record_ignored(config: Config, model: TrainerModel, empty: Mapping[str, Place], record: Recorder) -> None:
    """Record what is read and then passed over, and by itself what nobody meant anything by.

    That is what the interface writes into every config, and the `empty` keys that are not read.
    """
    found = {"config.ignored_key": 0, "config.idle_key": len(empty)}
    for path, place in empty.items():
        record.known("config.idle_key", "it is not read, and it is off or empty", subject=path, places=[place])
    for entry in (each for each in model.ignored if config.is_wan22_14b or each.everywhere):
        name = "config.idle_key" if entry.idle else "config.ignored_key"
        for path, index in config.expanded(entry.path):
            setting = config.setting(path)
            if setting.given and config.holds(entry.when, index):
                found[name] += 1
                note = f"{model.label}: {entry.source}"
                record.known(name, entry.why, subject=path, places=[setting.place], note=note)
    for name, count in found.items():
        if not count:
            record.known(name, NONE, subject=NONE, places=[Place(config.reading.file)])

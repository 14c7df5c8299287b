"""Keys of the config that the trainer does not know or does not use here, and those that its optimizer refuses.

The trainers hand the whole section of the optimizer's parameters to its constructor (but for the fork's per-expert
keys), so one key too many ends the run before its first step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches

from diagnose.core.values import Place
from diagnose.sources.config.dotted import join, split
from diagnose.sources.log_readings import Sign
from diagnose.trainers.aitoolkit.expert_rates import bound_keys
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.answers import BOUNDS, EffectiveRates, KeyFault
from diagnose.trainers.declared import AUTOMAGIC, Config
from diagnose.trainers.trainer_model import TrainerModel

PROCESS = "process"
"""What the trainer models call the process entry itself."""
SECTIONS = ("network", "save", "train", "train.ema_config", "model", "model.model_kwargs", "sample", "logging")
LISTS = ("datasets", "sample.samples")
LETTERS, JOINTS = 0.6, 0.9
"""Share of letters in common from which a word, or a key with another number of words, counts as misspelt."""


def written_keys(config: Config) -> Iterator[tuple[str, Place, str, str]]:
    """Yield every key of a known section: path, place, section, key."""
    raw = config.raw
    parts = [("", PROCESS), *((section, section) for section in SECTIONS)]
    parts += [(f"{path}[{index}]", path) for path in LISTS for index in range(len(raw.items(path)))]
    for part, section in parts:
        for key in raw.mapping(part):
            path = join(part, str(key))
            yield path, raw.setting(path).place, section, str(key)


def hints(_trainer: TrainerModel, config: Config, family: Mapping[str, TrainerModel]) -> Iterator[Sign]:
    """Yield the first key that each trainer alone reads; keys for one expert, where one trainer alone has such."""
    first: dict[str, tuple[str, Place]] = {}
    capable = [name for name, model in family.items() if model.rates_per_expert]
    keys = config.per_expert_keys()
    if len(capable) == 1 and keys:
        first[capable[0]] = next(iter(keys.items()))
    for path, place, section, key in written_keys(config):
        readers = [name for name, model in family.items() if key in model.keys.get(section, ())]
        if len(readers) == 1:
            first.setdefault(readers[0], (path, place))
    for name in (each for each in sorted(family, key=lambda each: each not in capable) if each in first):
        path, place = first[name]
        yield Sign(name, f"{path} is a key that only {family[name].label} reads", place)


def key_faults(
    trainer: TrainerModel, config: Config, family: Mapping[str, TrainerModel], *, decided: bool
) -> Iterator[KeyFault]:
    """Yield the keys that are unknown, idle or ignored.

    Where the trainer is not decided a key counts as unknown only if none of the family knows it. Idle is what nobody
    meant anything by: what the interface writes into every config, and keys that are not read and say nothing.
    """
    models = [trainer] if decided else list(family.values())
    unread = [
        (path, place)
        for path, place, section, key in written_keys(config)
        if not any(key in model.keys[section] for model in models)
    ]
    empty = [(path, place) for path, place in unread if not config.raw.setting(path).value]
    for path, place in unread:
        if (path, place) not in empty:
            yield KeyFault("unknown", path, what_was_meant(path, family, models), place)
    hint = f"per expert only {', '.join(bound_keys(config))} are read, after high_noise_ or low_noise_; it is dropped"
    if config.optimizer == AUTOMAGIC and any(model.rates_per_expert for model in models):  # others refuse such keys
        read = {config.called(f"rate.{bound}.{expert}") for bound in BOUNDS for expert in config.model.expert_prefixes}
        for word, place in config.per_expert_keys().items():
            key = f"{config.called('optimizer.parameters')}.{word}"
            if key not in read:
                yield KeyFault("unknown", key, hint, place)
    for path, place in empty:
        yield KeyFault("idle", path, "it is not read, and it is off or empty", place)
    for entry in (each for each in trainer.ignored if config.is_wan22_14b or each.everywhere):
        kind, source = "idle" if entry.idle else "ignored", f"{trainer.label}: {entry.source}"
        for path, index in config.raw.expanded(entry.path):
            setting = config.raw.setting(path)
            if setting.given and config.raw.holds(entry.when, index):
                yield KeyFault(kind, path, entry.why, setting.place, source)


def what_was_meant(path: str, trainers: Mapping[str, TrainerModel], models: Sequence[TrainerModel]) -> str:
    """Say what may have been meant: another section, another trainer, another program's key, or the nearest one.

    Args:
        path: the unknown key.
        trainers: all of the family.
        models: those that the config may be for.
    """
    *sections, key = (step for step in split(path) if isinstance(step, str))
    if key in models[0].misnomers:
        return models[0].misnomers[key]
    section = ".".join(sections) or PROCESS
    homes = sorted({name for model in models for name, keys in model.keys.items() if key in keys and name != section})
    if homes:
        return f"it belongs under {' or '.join('the process entry' if home == PROCESS else home for home in homes)}"
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


def refused_parameters(model: AiToolkitModel, config: Config, optimizer: str) -> tuple[dict[str, str], str] | None:
    """Return each key that an optimizer refuses, and why; None for an optimizer whose constructor was not read."""
    known = model.optimizer(optimizer)
    if known is None:
        return None
    refused = {
        key: "the trainer gives it itself" if word in known.given else f"{optimizer} takes no such parameter"
        for word, key in _shared_keys(config).items()
        if word not in known.takes
    }
    return refused, known.source


def _shared_keys(config: Config) -> dict[str, str]:
    """Return the keys of the section that are not for one expert: each by its last word, as it is written."""
    own = config.per_expert_keys()
    words = [str(word) for word in config.mapping("optimizer.parameters") if word not in own]
    return {word: f"{config.called('optimizer.parameters')}.{word}" for word in words}


def counted_with(config: Config, model: AiToolkitModel, rates: EffectiveRates | None) -> list[str]:
    """Return the keys that the optimizer counts with; one that is refused or not read does no harm whatever it is."""
    optimizer = model.optimizer(config.optimizer) if config.optimizer is not None else None
    adapts = config.optimizer == AUTOMAGIC
    bounds = bound_keys(config) if adapts else ()
    by_itself = [
        key
        for word, key in _shared_keys(config).items()
        if (optimizer is None or word in optimizer.takes) and word not in bounds
    ]
    return [*by_itself, *(map(config.called, rates.taken) if rates is not None and adapts else ())]

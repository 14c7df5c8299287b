"""What the optimizer makes of `train.optimizer_params`: keys that it does not take, and numbers that are text.

Both trainers hand all of them to the optimizer's constructor (but for the fork's per-expert keys, which
`effective.per_expert_keys` tells of), so one key too many ends the run before its first step.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.facts.config.declared import AUTOMAGIC, Config
from diagnose.facts.config.effective import BOUNDS, EffectiveRates, rate_keys
from diagnose.facts.record import NONE, Recorder
from diagnose.model import Place
from diagnose.rulebase.trainers import TrainerModel

SECTION = "train.optimizer_params"


def record_optimizer_params(
    config: Config, trainer: TrainerModel | None, rates: EffectiveRates | None, record: Recorder
) -> None:
    """Record which keys are refused, by the optimizer and by automagic, and which numbers are text, a subject per key.

    What an optimizer takes is alike in both trainers, so an unknown trainer is seen through the config's own. For an
    optimizer whose constructor was not read nothing is recorded.
    """
    model = trainer or config.model
    for fact, name in (("config.refused_parameter", config.optimizer), ("config.refused_by_automagic", AUTOMAGIC)):
        _record_refused(config, model, name, fact, record)
    quoted = list(_quoted(config, model, rates))
    for path, number in quoted:
        setting = config.setting(path)
        record.known("config.number_as_text", str(setting.value), subject=path, places=[setting.place])
        record.known("config.number_meant", number, subject=path, places=[setting.place])
    if not quoted:
        record.known("config.number_as_text", NONE, subject=NONE, places=[Place(config.reading.file)])


def _record_refused(config: Config, model: TrainerModel, name: str | None, fact: str, record: Recorder) -> None:
    optimizer = model.optimizer(name) if name is not None else None
    if optimizer is None:
        return
    note, found = f"{model.label}: {optimizer.source}", False
    for key in _shared_keys(config):
        if key in optimizer.takes:
            continue
        found, path = True, f"{SECTION}.{key}"
        why = "the trainer gives it itself" if key in optimizer.given else f"{name} takes no such parameter"
        record.known(fact, why, subject=path, places=[config.setting(path).place], note=note)
    if not found:
        record.known(fact, NONE, subject=NONE, places=[Place(config.reading.file)], note=note)


def _shared_keys(config: Config) -> list[str]:
    own = config.per_expert_keys()
    return [str(key) for key in config.mapping(SECTION) if key not in own]


def _quoted(config: Config, model: TrainerModel, rates: EffectiveRates | None) -> Iterator[tuple[str, float]]:
    """Yield the numbers in quotes that the trainer counts with; a key that is refused or not read does no harm so."""
    optimizer = model.optimizer(config.optimizer) if config.optimizer is not None else None
    taken = [key for key in _shared_keys(config) if optimizer is None or key in optimizer.takes]
    bounds = rate_keys(config, rates.fate) if rates is not None else frozenset()
    by_itself = [key for key in taken if key not in BOUNDS or config.optimizer != AUTOMAGIC]
    for path in ("train.lr", *(f"{SECTION}.{key}" for key in [*by_itself, *sorted(bounds)])):
        number = config.quoted_number(path)
        if number is not None:
            yield path, number

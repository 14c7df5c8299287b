"""What the optimizer makes of `train.optimizer_params`: which keys it counts with, and which it does not take.

Both trainers hand all of them to the optimizer's constructor (but for the fork's per-expert keys, which
`effective.per_expert_keys` tells of), so one key too many ends the run before its first step.
"""

from __future__ import annotations

from diagnose.core.model import Place
from diagnose.facts.config.declared import AUTOMAGIC, Config
from diagnose.facts.config.effective import BOUNDS, EffectiveRates, rate_keys
from diagnose.facts.record import NONE, Recorder
from diagnose.trainers.model import TrainerModel

SECTION = "train.optimizer_params"


def record_optimizer_params(config: Config, trainer: TrainerModel | None, record: Recorder) -> None:
    """Record which keys are refused, by the optimizer and by automagic, a subject per key.

    What an optimizer takes is alike in both trainers, so an unknown trainer is seen through the config's own. For an
    optimizer whose constructor was not read nothing is recorded.
    """
    model = trainer or config.model
    for fact, name in (("config.refused_parameter", config.optimizer), ("config.refused_by_automagic", AUTOMAGIC)):
        _record_refused(config, model, name, fact, record)


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


def counted_with(config: Config, model: TrainerModel, rates: EffectiveRates | None) -> list[str]:
    """Return the keys that the optimizer counts with; one that is refused or not read does no harm whatever it is."""
    optimizer = model.optimizer(config.optimizer) if config.optimizer is not None else None
    taken = [key for key in _shared_keys(config) if optimizer is None or key in optimizer.takes]
    bounds = rate_keys(config, rates.fate) if rates is not None else frozenset()
    by_itself = [key for key in taken if key not in BOUNDS or config.optimizer != AUTOMAGIC]
    return [*by_itself, *sorted(bounds)]

"""What the optimizer makes of the section of its parameters: which keys it counts with, and which it does not take.

The trainers hand all of them to the optimizer's constructor (but for the fork's per-expert keys), so one key too many
ends the run before its first step.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.trainers.aitoolkit.expert_rates import BOUNDS, EffectiveRates, bound_keys, rates_taken
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import AUTOMAGIC, Config


def refused_by(name: str, config: Config, model: AiToolkitModel) -> Iterator[tuple[str, str]] | None:
    """Yield each key that an optimizer refuses, and why; None for an optimizer whose constructor was not read."""
    optimizer = model.optimizer(name)
    if optimizer is None:
        return None
    return (
        (key, "the trainer gives it itself" if word in optimizer.given else f"{name} takes no such parameter")
        for word, key in _shared_keys(config).items()
        if word not in optimizer.takes
    )


def _shared_keys(config: Config) -> dict[str, str]:
    """Return the keys of the section that are not for one expert: each by its last word, as it is written."""
    own = config.per_expert_keys()
    words = [str(word) for word in config.mapping("optimizer.parameters") if word not in own]
    return {word: f"{config.called('optimizer.parameters')}.{word}" for word in words}


def counted_with(config: Config, model: AiToolkitModel, rates: EffectiveRates | None) -> list[str]:
    """Return the keys that the optimizer counts with; one that is refused or not read does no harm whatever it is."""
    optimizer = model.optimizer(config.optimizer) if config.optimizer is not None else None
    bounds = frozenset(bound_keys(config)) if config.optimizer == AUTOMAGIC else frozenset()
    by_itself = [
        key
        for word, key in _shared_keys(config).items()
        if (optimizer is None or word in optimizer.takes) and word not in bounds
    ]
    return [*by_itself, *(map(config.called, rates_taken(config, rates.fate)) if rates is not None else ())]


def unread_per_expert(config: Config) -> list[str]:
    """Return the keys that are written for one expert and are no bound; other optimizers refuse all such keys."""
    if config.optimizer != AUTOMAGIC:
        return []
    read = {config.called(f"rate.{bound}.{expert}") for bound in BOUNDS for expert in config.model.expert_prefixes}
    section = config.called("optimizer.parameters")
    return [key for word in config.per_expert_keys() if (key := f"{section}.{word}") not in read]

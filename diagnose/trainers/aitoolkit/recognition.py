"""Which of the two trainers a config was written for: a key that one of them alone reads was written for that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.core.values import Place
from diagnose.sources.log_readings import Sign
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.aitoolkit.known_keys import written_keys
from diagnose.trainers.aitoolkit.model import AiToolkitModel
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import stand_in


def hints(reading: ConfigReading, models: Mapping[str, AiToolkitModel]) -> Iterator[Sign]:
    """Yield the first key that each trainer alone reads; keys for one expert, where one trainer alone has such."""
    config = Config(reading, stand_in(list(models.values())))
    first: dict[str, tuple[str, Place]] = {}
    capable = [name for name, model in models.items() if model.per_expert.supported]
    keys = config.per_expert_keys()
    if len(capable) == 1 and keys:
        first[capable[0]] = next(iter(keys.items()))
    for path, place, section, key in written_keys(config):
        readers = [name for name, model in models.items() if key in model.keys.get(section, ())]
        if len(readers) == 1:
            first.setdefault(readers[0], (path, place))
    for name in (*capable, *(name for name in models if name not in capable)):
        if name in first:
            path, place = first[name]
            yield Sign(name, f"{path} is a key that only {models[name].label} reads", place)

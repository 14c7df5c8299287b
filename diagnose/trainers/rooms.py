"""The trainers' rooms: the folders beside this module. A room is found by being there, and so is what it has.

READERS in any module            the files of its runs; in `config_file`, its configs
answers.MODEL                    what the description of a trainer becomes: the model that answers for it
dataset_entries.dataset_specs    the data sets that a config names
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diagnose import trainers
from diagnose.core.values import Place
from diagnose.sources.dataset.listing import DatasetSpec
from diagnose.sources.file_reader import FileReader, Role, reader_for
from diagnose.sources.log_readings import Sign
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.declared import Config
from diagnose.trainers.trainer_model import TrainerModel, build, stand_in


def run_readers() -> tuple[FileReader[Any], ...]:
    """Return what every module of every room declares as its `READERS`."""
    import pkgutil  # noqa: PLC0415 - it imports inspect, and a pre-flight looks into no room

    rooms = (import_module(f"{trainers.__name__}.{room}") for room in _rooms())
    modules = (each for room in rooms for each in pkgutil.walk_packages(room.__path__, f"{room.__name__}."))
    return tuple(reader for each in modules for reader in getattr(import_module(each.name), "READERS", ()))


def config_readers() -> tuple[FileReader[Any], ...]:
    """Return the readers of configs alone: a pre-flight loads no other."""
    modules = (_module(room, "config_file") for room in _rooms())
    return tuple(reader for module in modules if module is not None for reader in module.READERS)


def read_config(path: Path) -> ConfigReading:
    """Read a config by itself, whichever trainer it is for.

    Raises:
        DiagnoseError: it cannot be read, or is no config of a trainer that we know.
    """
    found: ConfigReading = reader_for(path, config_readers(), Role.CONFIG).read(path, run_dir=path.parent)
    return found


def dataset_specs(config: ConfigReading) -> tuple[DatasetSpec, ...]:
    """Return the data sets of a config in its order; none where its room does not tell."""
    module = _module(config.room, "dataset_entries")
    found: tuple[DatasetSpec, ...] = module.dataset_specs(config) if module is not None else ()
    return found


def trainer_models(described: Mapping[str, Mapping[str, Any]]) -> dict[str, TrainerModel]:
    """Return the models of the described trainers by name. A fault in a description is a bug: they ship with us."""
    rooms = {name: _module(each["room"], "answers") for name, each in described.items()}
    models = {name: room.MODEL if room is not None else TrainerModel for name, room in rooms.items()}
    return {name: build(models[name], each) for name, each in described.items()}


def of_room(room: str, models: Mapping[str, TrainerModel]) -> dict[str, TrainerModel]:
    """Return the trainers of a room, by name."""
    return {name: model for name, model in models.items() if model.room == room}


def hints(config: ConfigReading, models: Mapping[str, TrainerModel]) -> Iterator[Sign]:
    """Yield what a config hints at: the one trainer of its room, else what that room's models say."""
    own = of_room(config.room, models)
    if len(own) == 1:
        (model,) = own.values()
        yield Sign(model.name, f"{model.label} alone takes such a config", Place(config.file))
    elif own:
        model = stand_in(list(own.values()))
        yield from model.hints(Config(config, model), own) or ()


def _rooms() -> Iterator[str]:
    for folder in trainers.__path__:
        yield from (init.parent.name for init in sorted(Path(folder).glob("*/__init__.py")))


def _module(room: str, name: str) -> Any | None:  # noqa: ANN401 - a module, which may have anything
    """Return a module of a room, None where the room has none of that name."""
    path = f"{trainers.__name__}.{room}.{name}"
    return import_module(path) if room and find_spec(path) is not None else None

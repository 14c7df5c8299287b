"""Which trainer a config was written for, as far as the config tells: the business of the room that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec

from diagnose.core.values import Place
from diagnose.sources.log_readings import Sign
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.trainer_model import TrainerModel


def of_room(room: str, trainers: Mapping[str, TrainerModel]) -> dict[str, TrainerModel]:
    """Return the trainers of a room, by name."""
    return {name: model for name, model in trainers.items() if model.room == room}


def hints(config: ConfigReading, trainers: Mapping[str, TrainerModel]) -> Iterator[Sign]:
    """Yield what a config hints at: the one trainer of its room, else what that room's recognition says."""
    own = of_room(config.room, trainers)
    if len(own) == 1:
        (model,) = own.values()
        yield Sign(model.name, f"{model.label} alone takes such a config", Place(config.file))
    module = f"diagnose.trainers.{config.room}.recognition"
    if len(own) > 1 and find_spec(module) is not None:
        yield from import_module(module).hints(config, own)

"""The trainers that are described, by name, each by the model of its room."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from diagnose.trainers.trainer_model import TrainerModel, build


def trainer_models(described: Mapping[str, Mapping[str, Any]]) -> dict[str, TrainerModel]:
    """Return the models of the described trainers by name. A fault in a description is a bug: they ship with us."""
    return {name: build(_model_of(each["room"]), each) for name, each in described.items()}


def _model_of(room: str) -> type[TrainerModel]:
    """Return what a room builds of a description: the `MODEL` of its module `model`, where it has one."""
    module = f"diagnose.trainers.{room}.model"
    found: type[TrainerModel] = import_module(module).MODEL if find_spec(module) is not None else TrainerModel
    return found

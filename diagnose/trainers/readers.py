"""The readers of every trainer's room, found by being there."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diagnose import trainers
from diagnose.sources.file_reader import FileReader, Role, reader_for
from diagnose.sources.readings import ConfigReading

CONFIG = "config_file"
"""The module of a room that declares its readers of configs: a pre-flight loads no other reader."""


def run_readers() -> tuple[FileReader[Any], ...]:
    """Return what every module of every room declares as its `READERS`."""
    import pkgutil  # noqa: PLC0415 - it imports inspect, and a pre-flight looks into no room

    modules = (each for room in _rooms() for each in pkgutil.walk_packages(import_module(room).__path__, f"{room}."))
    return tuple(reader for each in modules for reader in _declared(each.name))


def config_readers() -> tuple[FileReader[Any], ...]:
    """Return the readers of configs alone."""
    modules = (f"{room}.{CONFIG}" for room in _rooms())
    return tuple(reader for module in modules if find_spec(module) is not None for reader in _declared(module))


def read_config(path: Path) -> ConfigReading:
    """Read a config by itself, of whatever trainer.

    Raises:
        DiagnoseError: it cannot be read, or is no config of a trainer that we know.
    """
    found: ConfigReading = reader_for(path, config_readers(), Role.CONFIG).read(path, run_dir=path.parent)
    return found


def _rooms() -> Iterator[str]:
    for folder in trainers.__path__:
        yield from (f"{trainers.__name__}.{init.parent.name}" for init in sorted(Path(folder).glob("*/__init__.py")))


def _declared(module: str) -> tuple[FileReader[Any], ...]:
    found: tuple[FileReader[Any], ...] = getattr(import_module(module), "READERS", ())
    return found

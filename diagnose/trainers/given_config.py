"""A config as it is given: its file, its text, or the mapping that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from diagnose.core.errors import DiagnoseError
from diagnose.core.temporary import temporary_folder
from diagnose.sources.readings import ConfigReading
from diagnose.trainers.rooms import read_config

Source: TypeAlias = "Path | str | Mapping[str, Any]"
"""A path; or a config itself, as text (of several lines, or JSON) or as a mapping."""


def path_of(source: Source) -> Path | None:
    """Return the path that is given, None for a config itself."""
    if isinstance(source, Mapping) or (isinstance(source, str) and ("\n" in source or source.startswith("{"))):
        return None
    return Path(source)


def read_given(source: Source) -> tuple[Path, ConfigReading]:
    """Return a config with its path; one that is in no file is called one all the same, so that its lines have a place.

    Raises:
        DiagnoseError: it cannot be read, or is no config of a trainer that we know.
    """
    path = path_of(source)
    if path is None:
        return _read_text(_dumped(source) if isinstance(source, Mapping) else str(source))
    try:
        return path, read_config(path)
    except DiagnoseError as error:  # its places are within the folder; the user named the whole path
        text = str(error)
        raise DiagnoseError(f"{path}{text.removeprefix(path.name)}" if text.startswith(path.name) else text) from error


def _read_text(text: str) -> tuple[Path, ConfigReading]:
    name = "config.json" if text.lstrip().startswith("{") else "config.yaml"
    try:
        with temporary_folder() as folder:
            file = folder / name
            file.write_bytes(text.encode("utf-8", "replace"))
            try:
                return Path(name), read_config(file)
            except DiagnoseError as error:
                raise DiagnoseError(str(error).replace(file.as_posix(), "the config")) from error
    except OSError as error:
        raise DiagnoseError(
            f"the config: cannot be put into a file to read it ({error.strerror}); check disk and rights"
        ) from error


def _dumped(config: Mapping[str, Any]) -> str:
    """Return a config as the text of a file.

    Raises:
        DiagnoseError: it holds a value that no config file can.
    """
    import yaml  # noqa: PLC0415 - only for a config that is no text yet

    try:
        return yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True)
    except (yaml.YAMLError, RecursionError) as error:
        at_fault = "itself" if isinstance(error, RecursionError) else repr(error.args[-1])
        raise DiagnoseError(f"the config holds what no config file can hold: {at_fault}") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value

"""Where on this machine the data sets of a config lie: in the folder the user gave, or where the config says.

A config is often written for another machine: a folder that is not here is no fault of the config.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, status_of
from diagnose.sources.dataset.media import DatasetSpec

AS_WRITTEN = "where the config says"


@dataclass(frozen=True, slots=True)
class Located:
    """A data set and its folder here; `folder` is None where it is not here, and `how` says why."""

    spec: DatasetSpec
    folder: Path | None
    how: str


def locate_as_written(specs: Sequence[DatasetSpec]) -> tuple[Located, ...]:
    """Return the folders the config names, as far as they exist here; relative ones from the working directory."""
    return tuple(_as_written(spec) for spec in specs)


def locate_given(specs: Sequence[DatasetSpec], given: Path, origin: str) -> tuple[Located, ...]:
    """Return where the data sets lie if `given` is the data set's folder, or the one that holds several by name.

    Args:
        specs: the config's data sets.
        given: the folder the user named.
        origin: how the user named it, for the report: "--dataset".

    Raises:
        DiagnoseError: no such folder, no data set in the config, or several with none of them found below.
    """
    if not is_folder(given):
        fault = "no such folder" if status_of(given) is None else "is not a folder"
        raise DiagnoseError(f"{given}: {fault}; give the folder of the clips and captions ({origin})")
    if not specs:
        raise DiagnoseError(f"{given}: the config has no datasets to read it for; leave {origin} out")
    names = {spec.folder for spec in specs}
    if len(names) == 1:
        return tuple(Located(spec, given, f"given with {origin}") for spec in specs)
    found = tuple(_below(spec, given, origin) for spec in specs)
    if all(each.folder is None for each in found):
        wanted = ", ".join(sorted(_last(spec.folder) for spec in specs if spec.folder))
        raise DiagnoseError(f"{given}: the config has several data sets; give the folder that holds {wanted}")
    return found


def _as_written(spec: DatasetSpec) -> Located:
    if spec.folder is None:
        return Located(spec, None, "the config names no folder")
    try:
        here = is_folder(Path(spec.folder))
    except DiagnoseError:
        here = False
    return Located(
        spec, Path(spec.folder) if here else None, AS_WRITTEN if here else "the folder is not on this machine"
    )


def _below(spec: DatasetSpec, given: Path, origin: str) -> Located:
    name = _last(spec.folder)
    if name and given.name == name:
        return Located(spec, given, f"given with {origin}")
    inside = given / name if name and name not in {".", ".."} else None
    if inside is not None and is_folder(inside):
        return Located(spec, inside, f"in the folder given with {origin}")
    return Located(spec, None, f"the folder given with {origin} holds none of this name")


def _last(folder: str | None) -> str:
    """Return the last part of a path as written on any system."""
    if folder is None:
        return ""
    return PureWindowsPath(folder).name if "\\" in folder else PurePosixPath(folder).name

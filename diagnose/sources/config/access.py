"""Look things up in a config that was read. Paths are relative to the process entry that trains."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from diagnose.core.model import Place
from diagnose.sources.config.path import Step, below, join, split
from diagnose.sources.readings import ConfigReading


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""What `get` returns for a path that the config does not have; None is a value (null)."""


def get(reading: ConfigReading, path: str) -> Any:  # noqa: ANN401 (a config holds anything)
    """Return the value at a path such as "train.steps", or MISSING."""
    return look_up(reading.data, split(below(reading.root, path)))


def look_up(data: Any, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401 (a config holds anything)
    """Return what stands at a full path, split into steps, in a config's data, or MISSING."""
    for step in steps:
        if isinstance(step, str):
            if not isinstance(data, dict) or step not in data:
                return MISSING
        elif not isinstance(data, list) or step >= len(data):
            return MISSING
        data = data[step]
    return data


def place(reading: ConfigReading, path: str) -> Place:
    """Return where a path stands; for one that is absent, where its nearest existing parent stands.

    The place's key is the full path of what does exist.
    """
    steps = split(below(reading.root, path))
    known = [""]
    for step in steps:
        known.append(join(known[-1], step))
    for full in reversed(known):
        if full in reading.lines:
            return Place(reading.file, reading.lines[full], full)
    return Place(reading.file)


def walk(reading: ConfigReading) -> Iterator[tuple[str, Any]]:
    """Yield every leaf under the root with its path: scalars, and empty mappings and lists."""
    yield from _leaves(get(reading, ""), "")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (a config holds anything)
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _leaves(child, join(path, key))
    elif isinstance(value, list) and value:
        for position, child in enumerate(value):
            yield from _leaves(child, join(path, position))
    else:
        yield path, value

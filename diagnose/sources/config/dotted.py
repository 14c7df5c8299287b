"""Dotted paths into a config, "config.process[0].train.steps", and what stands at them.

A key that would not read back from the dots (it holds a dot, a bracket, a quote or a control character, or is
empty) stands in brackets as a JSON string: `train["odd.key"]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

from msgspec import UNSET

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place
from diagnose.sources.readings import ConfigReading

Step: TypeAlias = "str | int"

_BARE = re.compile(r'[^.\[\]"\x00-\x1f\x7f-\x9f\u2028\u2029]+')
_STEP = re.compile(r'\.?(?P<key>[^.\[\]"]+)|\[(?P<index>[0-9]{1,9})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')


def join(parent: str, step: Step) -> str:
    """Return the path of a key or list item under `parent`; "" is the whole document."""
    if isinstance(step, int):
        return f"{parent}[{step}]"
    if not _BARE.fullmatch(step):
        return f"{parent}[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
    return f"{parent}.{step}" if parent else step


def full_path(reading: ConfigReading, path: str) -> str:
    """Return the full path of a setting; one outside the process entry is named by it already."""
    root = reading.root
    if path in reading.frame.outside:
        return path
    if not root or not path:
        return root or path
    return f"{root}{path}" if path.startswith("[") else f"{root}.{path}"


@lru_cache(maxsize=4096)
def split(path: str) -> tuple[Step, ...]:
    """Return the keys (text) and list positions (numbers) of a path, outermost first.

    Raises:
        DiagnoseError: the text is not a path.
    """
    steps: list[Step] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None or path.startswith(".", position) != bool(steps and found["key"]):
            raise DiagnoseError(f"{path}: not a config path; write it like config.process[0].train.steps")
        index, quoted = found["index"], found["quoted"]
        steps.append(int(index) if index is not None else str(json.loads(quoted)) if quoted else found["key"])
        position = found.end()
    return tuple(steps)


MISSING: Final = UNSET
"""What `get` returns for a path that the config does not have; None is a value (null)."""


def get(reading: ConfigReading, path: str) -> Any:  # noqa: ANN401 (a config holds anything)
    """Return the value at a path such as "train.steps", or MISSING."""
    return look_up(reading.data, split(full_path(reading, path)))


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
    for full in _with_parents(full_path(reading, path)):
        if full in reading.lines:
            return Place(reading.file, reading.lines[full], full)
    return Place(reading.file)


@lru_cache(maxsize=4096)
def _with_parents(path: str) -> tuple[str, ...]:
    """Return a full path as the lines of a config spell it, and those that it lies under, innermost first."""
    known = [""]
    for step in split(path):
        known.append(join(known[-1], step))
    return tuple(reversed(known))


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

"""The descriptions of the trainers as plain data: `knowledge/trainers/NAME.yaml` describes the trainer NAME.

A trainer is found by being there. What the trainers of one room have in common stands once, in
`knowledge/trainers/shared/ROOM.yaml`; a trainer's own description is laid over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TRAINERS = "trainers"
"""The folder of the descriptions in the knowledge."""
SHARED = "shared"
"""In it, the folder of what the trainers of a room have in common."""
_SUFFIX = ".yaml"
_PLACE = re.compile(r"\w+\.py:\d+(?:-\d+)?")


def trainer_names(knowledge_dir: Path) -> tuple[str, ...]:
    """Return the names of the trainers that are described, by file name; empty where the knowledge describes none."""
    return tuple(path.stem for path in sorted((knowledge_dir / TRAINERS).glob(f"*{_SUFFIX}")))


@cache
def read_descriptions(knowledge_dir: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return each trainer's description by its name, with what its room shares. They ship with the package."""
    folder = knowledge_dir / TRAINERS
    found = {}
    for name in trainer_names(knowledge_dir):
        own = _read(folder / f"{name}{_SUFFIX}")
        shared = folder / SHARED / f"{own['room']}{_SUFFIX}"
        below = _relined(_read(shared), own.get("lines", {})) if shared.is_file() else {}
        found[name] = {**overlaid(below, own), "name": name}
    return found


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return one description laid over another: mappings are merged, lists joined, anything else replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = overlaid(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        else:
            merged[key] = value
    return merged


def with_lines(text: str, lines: Mapping[str, str]) -> str:
    """Return a text with each place like `SDTrainer.py:10-20` that `lines` has replaced by what it has for it."""
    return _PLACE.sub(lambda found: lines.get(found[0], found[0]), text)


def _relined(part: Any, lines: Mapping[str, str]) -> Any:  # noqa: ANN401 (a description holds anything)
    if isinstance(part, str):
        return with_lines(part, lines)
    if isinstance(part, Mapping):
        return {key: _relined(value, lines) for key, value in part.items()}
    return [_relined(each, lines) for each in part] if isinstance(part, list) else part


def _read(path: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - names need no YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 - the safe loader, in C where there is one
    return dict(found)

"""Which part of a config trains: the process entry that every judgement is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnose.core.errors import DiagnoseError

TRAINING_TYPES = frozenset(
    {
        "sd_trainer",
        "diffusion_trainer",
        "ui_trainer",
        "textual_inversion_trainer",
        "concept_slider",
        "concept_replacer",
        "image_reference_slider_trainer",
        "ultimate_slider_trainer",
    }
)
"""Process types of the trainers' extensions that train; the others caption, convert or generate."""

_SECTIONS = ("train", "network", "model")
"""Sections of a process entry that make a bare one recognisable."""
_PROCESSES = "config.process"


@dataclass(frozen=True, slots=True)
class Root:
    """The path of the entry, and the paths of further ones that train too."""

    path: str
    others: tuple[str, ...] = ()


def find_root(data: Any, lines: Mapping[str, int]) -> Root:  # noqa: ANN401 (a config holds anything)
    """Return where the training process stands: "config.process[0]", or "" for a file that is the entry itself.

    Args:
        data: the document.
        lines: path to line, for the error texts.

    Raises:
        DiagnoseError: not a mapping, or no process entry in it.
    """
    if not isinstance(data, Mapping):
        raise DiagnoseError("line 1: the config must be a mapping of keys to values; give a training config")
    config = data.get("config")
    processes = config.get("process") if isinstance(config, Mapping) else None
    if isinstance(processes, list):
        return _first(processes, lines)
    if isinstance(processes, Mapping):
        line = lines[_PROCESSES]
        raise DiagnoseError(f"line {line}: {_PROCESSES} must be a list; put '- ' before its first key and indent")
    if "config" not in data and any(isinstance(data.get(section), Mapping) for section in _SECTIONS):
        return Root("")
    line = lines.get(_PROCESSES) or lines.get("config") or 1
    raise DiagnoseError(f"line {line}: no training process (config.process[0]) here; give an ai-toolkit config")


def _first(processes: list[Any], lines: Mapping[str, int]) -> Root:
    mappings = [i for i, entry in enumerate(processes) if isinstance(entry, Mapping)]
    training = [i for i in mappings if _trains(processes[i].get("type"))]
    if not mappings:
        line = lines[_PROCESSES]
        raise DiagnoseError(f"line {line}: {_PROCESSES} holds no process entry; give an ai-toolkit training config")
    first, *rest = [f"{_PROCESSES}[{i}]" for i in training] or [f"{_PROCESSES}[{mappings[0]}]"]
    return Root(first, tuple(rest))


def _trains(kind: object) -> bool:
    return isinstance(kind, str) and kind in TRAINING_TYPES

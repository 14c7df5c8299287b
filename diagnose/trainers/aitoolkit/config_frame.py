"""What stands around the settings of an ai-toolkit config: the process entry that trains, and the job's name.

`[name]`, anywhere in a config, becomes config.name. The trainer replaces it within the JSON text of the whole config,
so a name with a quote or a backslash breaks it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place, Remark
from diagnose.sources.config.content import MAX_CHARACTERS, Content
from diagnose.sources.config.dotted import join
from diagnose.sources.readings import ConfigFrame

FRAME = ConfigFrame(frozenset({"job", "config.name", "config.log_dir"}), ("config", "name"), "training_folder")
TAG = "[name]"
TRAINING_TYPES = (
    "sd_trainer",
    "diffusion_trainer",
    "ui_trainer",
    "textual_inversion_trainer",
    "concept_slider",
    "concept_replacer",
    "image_reference_slider_trainer",
    "ultimate_slider_trainer",
)
"""Process types of the trainers' extensions that train; the others caption, convert or generate."""

_SECTIONS = ("train", "network", "model")
"""Sections of a process entry that make a bare one recognisable."""
_PROCESSES = "config.process"


def find_roots(data: Any, lines: Mapping[str, int]) -> list[str]:  # noqa: ANN401 (a config holds anything)
    """Return where the training processes are, the one that is read first; "" for a file that is the entry itself.

    Raises:
        DiagnoseError: not a mapping, or no process entry in it.
    """
    if not isinstance(data, Mapping):
        raise DiagnoseError("line 1: the config must be a mapping of keys to values; give a training config")
    config = data.get("config")
    processes = config.get("process") if isinstance(config, Mapping) else None
    if isinstance(processes, list):
        mappings = [i for i, entry in enumerate(processes) if isinstance(entry, Mapping)]
        training = [i for i in mappings if processes[i].get("type") in TRAINING_TYPES]
        if mappings:
            return [f"{_PROCESSES}[{i}]" for i in training or mappings[:1]]
        line = lines[_PROCESSES]
        raise DiagnoseError(f"line {line}: {_PROCESSES} holds no process entry; give an ai-toolkit training config")
    if isinstance(processes, Mapping):
        line = lines[_PROCESSES]
        raise DiagnoseError(f"line {line}: {_PROCESSES} must be a list; put '- ' before its first key and indent")
    if "config" not in data and any(isinstance(data.get(section), Mapping) for section in _SECTIONS):
        return [""]
    line = lines.get(_PROCESSES) or lines.get("config") or 1
    raise DiagnoseError(f"line {line}: no training process (config.process[0]) here; give an ai-toolkit config")


def fill_name(content: Content, file: str) -> tuple[Content, tuple[Remark, ...]]:
    """Return the content with `[name]` filled in as the trainer does, and a remark where that is not possible."""
    config = content.data.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    text = json.dumps(content.data)
    if not isinstance(name, str) or TAG not in text:
        return content, ()
    count = text.count(TAG) + sum(path.count(TAG) for path in content.lines)
    if count * len(name) <= MAX_CHARACTERS:
        with contextlib.suppress(ValueError):
            json.loads(f'"{name}"')  # a name that ends the text would make other keys
            paths = json.loads(json.dumps(list(content.lines)).replace(TAG, name))
            lines = dict(zip(paths, content.lines.values(), strict=True))
            return Content(json.loads(text.replace(TAG, name)), lines, content.remarks), ()
    at = Place(file, content.lines["config.name"], "config.name")
    text = f"this name cannot take the place of {TAG}; use a short one without quotes and backslashes"
    return content, (Remark(at, text),)


def name_tags(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 (a config holds anything)
    """Yield the dotted path of every text with the tag in it, and the text."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from name_tags(child, join(path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from name_tags(child, join(path, index))
    elif isinstance(value, str) and TAG in value:
        yield path, value

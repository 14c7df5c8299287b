"""The trainer's one substitution: `[name]`, anywhere in a config, becomes config.name.

It replaces within the JSON text of the whole config, so a name with a quote or a backslash breaks it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from diagnose.core.model import Place, Remark
from diagnose.sources.config.content import MAX_CHARACTERS, Content

TAG = "[name]"


def fill_name(content: Content, file: str) -> tuple[Content, tuple[Remark, ...]]:
    """Return the content with `[name]` filled in, and a remark where that is not possible."""
    config = content.data.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    count = _count(content.data)
    if not isinstance(name, str) or not count:
        return content, ()
    count += sum(path.count(TAG) for path in content.lines)
    if count * len(name) <= MAX_CHARACTERS:
        with contextlib.suppress(ValueError):
            filler = _Filler(name)
            lines = {filler.fill(path): line for path, line in content.lines.items()}
            return Content(filler.fill_all(content.data), lines, content.remarks), ()
    at = Place(file, content.lines["config.name"], "config.name")
    text = f"this name cannot take the place of {TAG}; use a short one without quotes and backslashes"
    return content, (Remark(at, text),)


def _count(value: Any) -> int:  # noqa: ANN401 (a config holds anything)
    """Return how often the tag stands in the keys and texts of some data."""
    if isinstance(value, dict):
        return sum(key.count(TAG) + _count(child) for key, child in value.items())
    if isinstance(value, list):
        return sum(map(_count, value))
    return value.count(TAG) if isinstance(value, str) else 0


class _Filler:
    """Replaces the tag the way the trainer does: in JSON text."""

    def __init__(self, name: str) -> None:
        self._name = name

    def fill(self, text: str) -> str:
        """Return a text with the tag replaced.

        Raises:
            ValueError: the name does not fit into JSON text.
        """
        return str(json.loads(json.dumps(text).replace(TAG, self._name))) if TAG in text else text

    def fill_all(self, value: Any) -> Any:  # noqa: ANN401 (a config holds anything)
        """Return data with the tag replaced in every key and text."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill_all(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.fill_all(child) for child in value]
        return self.fill(value) if isinstance(value, str) else value

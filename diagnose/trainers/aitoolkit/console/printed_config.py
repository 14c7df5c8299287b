"""The config that the trainer prints at every start, in JSON: what it was started with, whatever the file says now."""

from __future__ import annotations

import json
from collections.abc import Mapping

from diagnose.core.model import Scalar
from diagnose.sources.finite import finite
from diagnose.sources.log_readings import PrintedSetting

INDENT = 4
"""Spaces of one level: json.dumps(..., indent=4) in both trainers."""
MOST_SETTINGS = 2_000


class PrintedConfig:
    """Reads the printed process entry line by line: from a lone `{` to a lone `}`, one key a line."""

    def __init__(self) -> None:
        """Start before the text of any config."""
        self._settings: dict[str, PrintedSetting] = {}
        self._path: list[str] = []
        self._within = False

    @property
    def settings(self) -> Mapping[str, PrintedSetting]:
        """Dotted path within the process entry -> the value printed there; members of lists are left out."""
        return self._settings

    def read(self, line: int, text: bytes) -> None:
        """Take the next line of the console."""
        if text == b"{":
            self._settings, self._path, self._within = {}, [], True
        elif text == b"}":
            self._within = False
        elif self._within:
            self._take(line, text)

    def _take(self, line: int, text: bytes) -> None:
        body = text.lstrip(b" ")
        depth = (len(text) - len(body)) // INDENT
        key, colon, written = body.partition(b": ")
        if depth < 1 or not colon or not key.startswith(b'"'):
            return
        self._path = [*self._path[: depth - 1], key.strip(b'"').decode("utf-8", "replace")]
        if len(self._path) == depth and len(self._settings) < MOST_SETTINGS:
            value = _scalar(written.rstrip(b","))
            if value is not None:
                self._settings[".".join(self._path)] = PrintedSetting(value, line)


def _scalar(written: bytes) -> Scalar | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):  # the start of a list or a mapping
        return None
    if isinstance(value, bool | str):
        return value
    return value if finite(value) is not None else None

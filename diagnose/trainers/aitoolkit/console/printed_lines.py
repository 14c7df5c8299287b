"""Take the config that the trainer prints at its start, line by line."""

from __future__ import annotations

import json

from diagnose.core.values import Scalar
from diagnose.sources.finite import finite
from diagnose.sources.log_readings import PrintedSetting, PrintedText

INDENT = 4
"""Spaces of one level: json.dumps(..., indent=4) in both trainers."""
MOST_SETTINGS = 2_000
MOST_LINES = 5_000
"""Lines kept of a printed config."""


class PrintedConfig:
    """Reads the printed process entry line by line: from a lone `{` to a lone `}`, one key a line.

    `settings` maps a dotted path within it to the value printed there; members of lists are left out.
    """

    def __init__(self) -> None:
        self.settings: dict[str, PrintedSetting] = {}
        self.whole: PrintedText | None = None
        self._path: list[str] = []
        self._within = False
        self._first = 0
        self._text: list[bytes] = []

    def read(self, line: int, text: bytes) -> None:
        """Take the next line of the console."""
        if text == b"{":
            self.settings, self._path, self._within = {}, [], True
            self._first, self._text, self.whole = line, [], None
        if self._within and text.startswith((b" ", b"{", b"}")) and len(self._text) <= MOST_LINES:
            self._text.append(text)
        if text == b"}" and self._within:
            self._within = False
            # a line of another text in between would shift every line after it
            if len(self._text) == line - self._first + 1:
                self.whole = PrintedText(self._first, b"\n".join(self._text).decode("utf-8", "replace"))
        if not self._within:
            return
        body = text.lstrip(b" ")
        depth = (len(text) - len(body)) // INDENT
        key, colon, written = body.partition(b": ")
        if depth < 1 or not colon or not key.startswith(b'"'):
            return
        self._path = [*self._path[: depth - 1], key.strip(b'"').decode("utf-8", "replace")]
        if len(self._path) == depth and len(self.settings) < MOST_SETTINGS:
            value = _scalar(written.rstrip(b","))
            if value is not None:
                self.settings[".".join(self._path)] = PrintedSetting(value, line)


def _scalar(written: bytes) -> Scalar | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):  # the start of a list or a mapping
        return None
    if isinstance(value, bool | str):
        return value
    return value if finite(value) is not None else None

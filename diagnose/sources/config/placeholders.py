"""Environment placeholders: the trainer fills in ${NAME} before it parses, from an environment we are not in.

Here they stay as text. Their braces mean something to YAML, so while a text is parsed two private characters stand
in for them; every offset keeps its meaning. The environment of this process is never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"


class Shield:
    """A text whose placeholders a YAML parser can pass over.

    A text that already holds one of the private characters is left as it is.
    """

    def __init__(self, text: str) -> None:
        self._active = "${" in text and _OPEN not in text and _CLOSE not in text
        end = _end(text) if self._active else 0
        self.text = _PLACEHOLDER.sub(rf"${_OPEN}\1{_CLOSE}", text[:end]) + text[end:]

    def restore(self, value: str) -> str:
        """Return a parsed piece of the text as it was written."""
        return value.replace(_OPEN, "{").replace(_CLOSE, "}") if self._active else value


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the name of every placeholder, comments included, as the trainer would fill it in."""
    for found in _PLACEHOLDER.finditer(text, 0, _end(text)):
        yield found.start(), found[1]


def _end(text: str) -> int:
    """Return where to stop looking: behind the last brace, each "${" would be sought an end for in vain."""
    return text.rfind("}") + 1

"""The two kinds of failure, the user's input and a fault of ours; and what to say of a slip in a name.

DiagnoseError   the input or the usage is wrong: one clear line, exit status 2
EngineError     the inference engine broke its own rules: a bug, exit status 3
"""

from __future__ import annotations

from collections.abc import Iterable

HEAD, TAIL = 700, 300
"""Characters that are kept of a line with a stranger's text in it: what and where, and what to do."""


class DiagnoseError(Exception):
    """The user's input cannot be used. It says what, where, and what to do; an endless line loses its middle."""

    def __init__(self, text: str) -> None:
        super().__init__("\n".join(map(_cut, text.split("\n"))))


def _cut(line: str) -> str:
    return line if len(line) <= HEAD + TAIL else f"{line[:HEAD]} [...] {line[-TAIL:]}"


class EngineError(Exception):
    """The inference engine answered something it must not. A bug of ours or of the engine."""


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """Return "; did you mean a or b?" for the known names most like this one, in any case; "" where none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - for a slip only

    spelled = {each.lower(): each for each in sorted(known)}
    found = [spelled[each] for each in get_close_matches(name.lower(), spelled, n=most, cutoff=0.7)]
    return f"; did you mean {' or '.join(found)}?" if found else ""

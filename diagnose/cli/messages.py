"""What is said on standard error beside the result: how much of it, and nothing that steers a terminal."""

from __future__ import annotations

from enum import IntEnum

from diagnose.cli.streams import put_error
from diagnose.report.spans import printable


class Volume(IntEnum):
    """How much to say: -q leaves warnings and errors, -v adds what was read and how long it took."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


_volume = [Volume.NORMAL]


def set_volume(volume: Volume) -> None:
    """Say so much from now on."""
    _volume[0] = volume


def quiet() -> bool:
    """Return whether only warnings and errors are said."""
    return _volume[0] is Volume.QUIET


def printed(text: str) -> str:
    """Return lines for a terminal, without the characters of a stranger's text that hide, reorder or steer."""
    return "\n".join(map(printable, text.split("\n")))


def warn(text: str) -> None:
    """Say what must be heard."""
    put_error(printed(text))


def tell(text: str) -> None:
    """Say what is good to know; -q drops it."""
    if _volume[0] >= Volume.NORMAL:
        warn(text)


def detail(text: str) -> None:
    """Say what only -v asks for."""
    if _volume[0] >= Volume.VERBOSE:
        warn(text)

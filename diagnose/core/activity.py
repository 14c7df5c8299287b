"""What is being done right now, for whoever shows it. The work says it here, and knows of nobody who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Listener: TypeAlias = "Callable[[str, int, int], None]"
"""Takes what is done, how much of it is done, and how much there is."""
_listeners: list[Listener] = []


def doing(what: str, done: int, total: int) -> None:
    """Say how far some work is: "reading clips", 12 of 30. Any thread may call it."""
    for listener in tuple(_listeners):
        listener(what, done, total)


@contextmanager
def followed(listener: Listener) -> Iterator[None]:
    """Have a listener told of all that is done meanwhile."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)

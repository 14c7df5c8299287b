"""Undo an error that was written twice, piece by piece.

Until July 2026 `run.py --log` recorded each write to standard error twice (toolkit/print.py), and the interface always
starts the trainer with `--log`. The last line of a traceback is written in pieces, so that it then reads
`ValueErrorValueError: : no roomno room`.
"""

from __future__ import annotations

SEPARATOR = b": "


def undoubled(text: bytes) -> bytes:
    """Return the last line of a traceback as it was meant; one that was written once stays as it is."""
    head, told, message = text.partition(SEPARATOR * 2)
    name = _name(head)
    if name is None:
        return text
    return name + SEPARATOR + (_half(message) or message) if told else name


def _name(text: bytes) -> bytes | None:
    """Return the class of an error whose module, dot and name were each written twice."""
    module, dots, name = text.rpartition(b"..")
    halves = [_half(part) for part in ([module, name] if dots else [name])]
    if any(half is None or not half.replace(b".", b"_").decode("ascii", "replace").isidentifier() for half in halves):
        return None
    return b".".join(half for half in halves if half is not None)


def _half(text: bytes) -> bytes | None:
    """Return the first half of a text whose second half is the same."""
    middle = len(text) // 2
    return text[:middle] if middle and text[:middle] == text[middle:] else None

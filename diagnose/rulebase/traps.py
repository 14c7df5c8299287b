"""The index of the traps, `knowledge/traps.yaml`: the rules that see each of them, or why nothing we read shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trap:
    """One way in which a config does something else than it seems to.

    `unseen` says what of it no rule sees, and why. `file` and `line` say where it is written.
    """

    number: int
    says: str
    rules: tuple[str, ...]
    unseen: str | None
    file: str
    line: int

"""The rows of "you wrote, what happens", `knowledge/effective.yaml`: which fact shows what becomes of which key.

A row says nothing of its own: the fact holds what happens, its note says why, and the row says when that is worth a
line and how to put it.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.core.model import RUN, Scalar


@dataclass(frozen=True, slots=True)
class EffectiveRow:
    """One row of the table.

    Attributes:
        paths: keys of the config, each a row of its own; "{subject}" stands for the fact's subject.
        fact, of: what happens; `of` is "run", an expert, or "each" for a row per subject.
        only, unless, over: the row is shown where the fact has this value, has not this value, is above this number.
            With none of them it is shown where the fact's value is not the one that was written.
        written: shown only where the key is written (true) or absent (false).
        where: further facts that must have these values; in a row of "each" the same subject's come first.
        happens: what happens in words; "{value}" (with a number format) and "{subject}" may stand in it.
            None: the fact's value itself.
        why: the reason, with the same placeholders; None: the fact's note.
    """

    paths: tuple[str, ...]
    fact: str
    of: str = RUN
    only: Scalar | None = None
    unless: Scalar | None = None
    over: float | None = None
    written: bool | None = None
    where: tuple[tuple[str, Scalar], ...] = ()
    happens: str | None = None
    why: str | None = None

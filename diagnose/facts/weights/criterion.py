"""What one kind of evidence says about the saved checkpoints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one kind of evidence says: which steps it speaks against, and why.

    `unjudged` are the steps of which it can tell nothing; `judged` is whether it could tell anything at all. `decides`
    is whether it may leave steps out, `prefers` whether what it leaves are the better ones, not just whole. `useless`
    is whether what it speaks against is of no use, even where nothing else is left.
    """

    name: str
    disfavours: frozenset[int]
    because: str
    judged: bool = True
    decides: bool = True
    prefers: bool = True
    unjudged: frozenset[int] = frozenset()
    useless: bool = False

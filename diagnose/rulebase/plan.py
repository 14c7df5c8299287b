"""What to watch while a run trains, `knowledge/plan.yaml`: when to look, what to expect, when to stop."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.core.model import Intent

SPLIT = "split"
"""The part that is about runs of one expert alone."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One piece of advice. `part` is keep, look, expect, stop, good, why, or split for runs of one expert alone."""

    part: str
    says: str
    claims: tuple[str, ...]
    intents: tuple[Intent, ...] = (Intent.MOTION,)

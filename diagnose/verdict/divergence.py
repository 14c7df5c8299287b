"""What a divergence leaves of the saved checkpoints: those from before it, and of a run that never was sound, none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnose.facts.known import Known
from diagnose.facts.weights.keep import Keep
from diagnose.verdict.outcome import Finding

DIVERGED = "training-diverged"
DEAD_FROM = "log.dead_from"
CRITERION = "divergence"


def without_diverged(known: Known, findings: Sequence[Finding]) -> Known:
    """Return what is known with only the checkpoints kept that were saved before the run's first NaN.

    Where none was, nothing that the weights say of growth, direction and place is about learning.
    """
    choice = known.evolution.keep
    since = _first_nan(known)
    if choice is None or since is None or DIVERGED not in {finding.name for finding in findings}:
        return known
    saved = sorted({pair.step for pair in known.pairs})
    against = {**dict(choice.against), **{step: CRITERION for step in saved if step > since}}
    steps = tuple(step for step in choice.steps or saved if step not in against)
    if steps:
        kept = replace(choice, steps=steps, against=tuple(sorted(against.items())), nothing="")
        return replace(known, evolution=replace(known.evolution, keep=kept))
    nothing = f"every save is from after the first NaN, at step {since}"
    kept = Keep((), tuple(sorted(against.items())), (), (), nothing)
    return replace(known, evolution=replace(known.evolution, trajectory=None, directions=(), locations=(), keep=kept))


def _first_nan(known: Known) -> int | None:
    """Return the step from which the losses were NaN; None where there is no log of them."""
    fact = known.value(DEAD_FROM)
    return int(fact.value) if fact is not None and isinstance(fact.value, int | float) else None

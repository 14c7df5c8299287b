"""From where an unfinished run would go on."""

from __future__ import annotations

from collections.abc import Collection

from diagnose.facts.known import Known
from diagnose.verdict.divergence import DIVERGED


def resumable_from(known: Known, found: Collection[str]) -> int | None:
    """Return the save that the same config would resume from: of an unfinished run that neither crashed nor diverged.

    None where the run is finished, where that is unknown, where nothing was saved, or where the newest save is half a
    pair. `found` are the findings' names.
    """
    crashed = known.value("run.crashed")
    ended_badly = (crashed is not None and crashed.value) or DIVERGED in found
    half = known.value("gap.half_file") is not None  # the trainer would take it, and start the other expert anew
    if known.ending.finished is not False or ended_badly or half:
        return None
    trained = {expert for pair in known.pairs for expert in pair.experts}
    return max((pair.step for pair in known.pairs if pair.experts.keys() == trained), default=None)

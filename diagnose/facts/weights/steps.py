"""Saved steps in words: a range only where nothing that was saved is missing from it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

SHOWN = 4
"""Parts that are named one by one."""
_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_FEW = 2


def every(indices: Sequence[int]) -> str | None:
    """Return "every second save" and the like for indices at one distance, None where they have none."""
    strides = {after - before for before, after in pairwise(indices)}
    word = _ORDINALS.get(next(iter(strides))) if len(strides) == 1 and len(indices) > _FEW else None
    return f"every {word} save" if word else None


def in_words(steps: Sequence[int], saved: Sequence[int]) -> str:
    """Name the steps, of all that were saved, both ascending: at least one.

    "step 1900 to 2400", "step 20 to 80 and 200", "every second save from step 1400 to 2400".
    """
    index = {step: place for place, step in enumerate(sorted({*steps, *saved}))}
    stride = every([index[step] for step in steps])
    if stride is not None and len(steps) > SHOWN:
        return f"{stride} from step {steps[0]} to {steps[-1]}"
    runs: list[list[int]] = []
    for step in steps:
        if runs and index[step] == index[runs[-1][-1]] + 1:
            runs[-1].append(step)
        else:
            runs.append([step])
    parts = [part for run in runs for part in _parts(run)]
    if len(parts) > SHOWN:
        return f"step {', '.join(parts[:SHOWN])} and {len(parts) - SHOWN} more parts"
    return "step " + " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _parts(run: Sequence[int]) -> list[str]:
    """Return the words for steps that were saved one after the other."""
    return [f"{run[0]} to {run[-1]}"] if len(run) > _FEW else [str(step) for step in run]

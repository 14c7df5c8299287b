"""Measure everything the checkpoints of one run tell, with one set of workers for all of it."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.core.cache import Cache
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.heading import chosen, comparisons, measure_headings
from diagnose.weights.measure import Progress, measure_run
from diagnose.weights.processes import borrowed
from diagnose.weights.run_weights import RunWeights


def measure_weights(
    checkpoints: Sequence[CheckpointFile], *, cache: Cache, progress: Progress | None = None
) -> RunWeights:
    """Measure every file of a run, then compare a few of them; `progress` covers both (see `work`)."""
    with borrowed(None) as processes:
        files = measure_run(checkpoints, cache=cache, processes=processes, progress=progress)
        whole = {file.file for file in files if file.experts}
        headings, remarks = measure_headings(
            [c for c in checkpoints if c.file in whole], cache=cache, processes=processes, progress=progress
        )
    return RunWeights(files, headings, remarks)


def work(checkpoints: Sequence[CheckpointFile]) -> int:
    """Return how many bytes `measure_weights` reads when it knows nothing yet."""
    compared = [pair for series in chosen(checkpoints) for pair in comparisons(series)]
    return sum(each.size for each in checkpoints) + sum(each.size for pair in compared for each in pair)

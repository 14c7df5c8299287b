"""Measure the checkpoints of a run: every module's figures, and where the updates were heading.

Knows nothing of how to show figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from msgspec import convert

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place, Remark
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.headings import chosen, comparisons, measure_headings
from diagnose.weights.instrument import Instrument, Processes, Progress, instrument
from diagnose.weights.lora_pairs import lora_pairs
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement, RunWeights
from diagnose.weights.modules import ModuleMeasurement
from diagnose.weights.requests import Task


def measure_weights(
    checkpoints: Sequence[CheckpointFile],
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> RunWeights:
    """Measure every file of a run, then compare a few of them; arguments as in `measure_run`.

    `progress` covers both (see `work`).
    """
    with instrument(cache, processes, progress) as asked:
        files = tuple(_measured(each, asked) for each in checkpoints)
        headings, remarks = measure_headings(checkpoints, files, asked)
    return RunWeights(files, headings, remarks)


def work(checkpoints: Sequence[CheckpointFile]) -> int:
    """Return how many bytes `measure_weights` reads when it knows nothing yet."""
    compared = [pair for series in chosen(checkpoints) for pair in comparisons(series)]
    return sum(each.size for each in checkpoints) + sum(each.size for pair in compared for each in pair)


def measure_run(
    checkpoints: Sequence[CheckpointFile],
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> tuple[FileMeasurement, ...]:
    """Measure files one after another; one that cannot be measured has no experts and a remark.

    Args:
        checkpoints: as a trainer's reader read them.
        cache: where results are kept; `Cache(None)` for nowhere.
        processes: the workers to use; default is workers of its own.
        progress: called in the calling thread after every module.
    """
    with instrument(cache, processes, progress) as asked:
        return tuple(_measured(each, asked) for each in checkpoints)


def _measured(checkpoint: CheckpointFile, asked: Instrument) -> FileMeasurement:
    """Measure one file, its modules by expert in the reader's order, and within one in the file's."""
    began = perf_counter()
    try:
        pairs = lora_pairs(checkpoint)
        results, cached = asked.ask(Task.STATISTICS, [checkpoint], [(pair,) for pair in pairs])
    except DiagnoseError as error:
        remark = Remark(Place(checkpoint.file), str(error))
        return FileMeasurement(checkpoint.file, checkpoint.step, (), 0.0, cached=False, remarks=(remark,))
    modules = convert(results, list[ModuleMeasurement])
    found: dict[str | None, list[ModuleMeasurement]] = {expert: [] for expert in (*checkpoint.experts, None)}
    for pair, module in zip(pairs, modules, strict=True):
        found[pair.expert].append(module)
    experts = tuple(ExpertMeasurement(tuple(own), expert) for expert, own in found.items() if own)
    return FileMeasurement(checkpoint.file, checkpoint.step, experts, perf_counter() - began, cached=cached)

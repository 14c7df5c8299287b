"""Measure checkpoint files: every module's figures, on all cores, from the cache where nothing changed.

The first file that is not in the cache loads numpy, here or in workers; until then nothing does. Knows nothing of how
to show figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.identity import check_unchanged, key_of
from diagnose.weights.lora_pairs import LoraPair, lora_pairs
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement, ModuleMeasurement
from diagnose.weights.measurement_json import experts_from_json, experts_to_json, module_from_json
from diagnose.weights.processes import Processes, borrowed
from diagnose.weights.requests import Request, Task


@dataclass(frozen=True, slots=True)
class Advance:
    """One step of a measurement: `modules` of the file's `total` are done, and `bytes` more have been read."""

    file: str
    modules: int
    total: int
    bytes: int


Progress: TypeAlias = Callable[[Advance], None]


def measure_run(
    checkpoints: Sequence[CheckpointFile],
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> tuple[FileMeasurement, ...]:
    """Measure files one after another; one that cannot be measured has no experts and a remark.

    Args:
        checkpoints: as `diagnose.trainers.aitoolkit.checkpoint_files` read them.
        cache: where results are kept; `Cache(None)` for nowhere.
        processes: the workers to use; default is workers of its own.
        progress: called in the calling thread after every module.
    """
    with borrowed(processes) as workers:
        return tuple(_attempt(each, cache=cache, processes=workers, progress=progress) for each in checkpoints)


def measure_file(
    checkpoint: CheckpointFile,
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> FileMeasurement:
    """Measure one file; arguments as in `measure_run`.

    Raises:
        DiagnoseError: it is not plain LoRA, it cannot be read to its end, or a worker died over it.
    """
    began = perf_counter()
    pairs = lora_pairs(checkpoint)
    key = key_of([checkpoint], purpose="statistics")
    experts = _remembered(cache, key)
    if experts is not None:
        if progress:
            progress(Advance(checkpoint.file, len(pairs), len(pairs), sum(pair.bytes for pair in pairs)))
        return FileMeasurement(checkpoint.file, checkpoint.step, experts, perf_counter() - began, cached=True)
    request = Request(Task.STATISTICS, (checkpoint.path,), tuple((pair,) for pair in pairs))
    with borrowed(processes) as workers, closing(workers.results(request)) as results:
        experts = _by_expert(checkpoint, pairs, map(module_from_json, results), progress)
    check_unchanged(checkpoint)
    cache.store(key, experts_to_json(experts))
    return FileMeasurement(checkpoint.file, checkpoint.step, experts, perf_counter() - began, cached=False)


def _attempt(
    checkpoint: CheckpointFile, *, cache: Cache, processes: Processes, progress: Progress | None
) -> FileMeasurement:
    try:
        return measure_file(checkpoint, cache=cache, processes=processes, progress=progress)
    except DiagnoseError as error:
        remark = Remark(Place(checkpoint.file), str(error))
        return FileMeasurement(checkpoint.file, checkpoint.step, (), 0.0, cached=False, remarks=(remark,))


def _remembered(cache: Cache, key: str) -> tuple[ExpertMeasurement, ...] | None:
    found = cache.load(key)
    try:
        return None if found is None else experts_from_json(found)
    except (KeyError, TypeError, ValueError):
        return None


def _by_expert(
    checkpoint: CheckpointFile,
    pairs: Sequence[LoraPair],
    modules: Iterable[ModuleMeasurement],
    progress: Progress | None,
) -> tuple[ExpertMeasurement, ...]:
    """Take the modules in as they come and return them by expert, in the file's order."""
    found: dict[Expert | None, list[ModuleMeasurement]] = {}
    for done, (pair, module) in enumerate(zip(pairs, modules, strict=True), start=1):
        found.setdefault(pair.expert, []).append(module)
        if progress:
            progress(Advance(checkpoint.file, done, len(pairs), pair.bytes))
    order: tuple[Expert | None, ...] = (*Expert, None)
    return tuple(ExpertMeasurement(expert=expert, modules=tuple(found[expert])) for expert in order if expert in found)

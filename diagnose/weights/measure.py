"""Measure checkpoint files: every module's figures, on all cores, from the cache where nothing changed.

The first file that is not in the cache loads numpy; until then nothing does. Knows nothing of how to show figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

from diagnose.cache import Cache
from diagnose.errors import DiagnoseError
from diagnose.model import Expert, Place, Remark
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.identity import check_unchanged, key_of
from diagnose.weights.lora_pairs import LoraPair, lora_pairs
from diagnose.weights.measurement import ExpertMeasurement, FileMeasurement, ModuleMeasurement
from diagnose.weights.measurement_json import experts_from_json, experts_to_json

MOST_WORKERS = 8
"""Beyond this the disk sets the pace, and memory grows by a factor's size with every worker."""


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
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[FileMeasurement, ...]:
    """Measure files one after another; one that cannot be measured has no experts and a remark.

    Args:
        checkpoints: as `diagnose.sources.checkpoints` read them.
        cache: where results are kept; `Cache(None)` for nowhere.
        workers: threads; default is one per core, at most MOST_WORKERS.
        progress: called in the calling thread after every module.
    """
    return tuple(_attempt(each, cache=cache, workers=workers, progress=progress) for each in checkpoints)


def measure_file(
    checkpoint: CheckpointFile, *, cache: Cache, workers: int | None = None, progress: Progress | None = None
) -> FileMeasurement:
    """Measure one file; arguments as in `measure_run`.

    Raises:
        DiagnoseError: it is not plain LoRA, or it cannot be read to its end.
    """
    began = perf_counter()
    pairs = lora_pairs(checkpoint)
    key = key_of([checkpoint], purpose="statistics")
    experts = _remembered(cache, key)
    if experts is not None:
        if progress:
            progress(Advance(checkpoint.file, len(pairs), len(pairs), sum(pair.bytes for pair in pairs)))
        return FileMeasurement(checkpoint.file, checkpoint.step, experts, perf_counter() - began, cached=True)
    from diagnose.weights.modules import measure_modules  # noqa: PLC0415 - loads numpy, so not before it is needed

    began = perf_counter()
    with closing(measure_modules(checkpoint.path, pairs, workers=workers or cores())) as modules:
        experts = _by_expert(checkpoint, pairs, modules, progress)
    check_unchanged(checkpoint)
    cache.store(key, experts_to_json(experts))
    return FileMeasurement(checkpoint.file, checkpoint.step, experts, perf_counter() - began, cached=False)


def cores() -> int:
    """Return how many cores this process may use, at most MOST_WORKERS."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(allowed or 1, MOST_WORKERS)


def _attempt(
    checkpoint: CheckpointFile, *, cache: Cache, workers: int | None, progress: Progress | None
) -> FileMeasurement:
    try:
        return measure_file(checkpoint, cache=cache, workers=workers, progress=progress)
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

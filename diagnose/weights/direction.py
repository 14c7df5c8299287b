"""How far two checkpoints' updates point the same way: the cosine between scale * up @ down of each.

1 means the later update only grew, 0 that it has nothing to do with the earlier one. Loads numpy only when the
answer is not in the cache. Never forms up @ down.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from math import hypot, isfinite
from typing import Any

from diagnose.core.cache import Cache
from diagnose.core.errors import DiagnoseError
from diagnose.domains.wan22.experts import Expert
from diagnose.sources.readings import CheckpointFile
from diagnose.weights.identity import check_unchanged, key_of
from diagnose.weights.lora_pairs import LoraPair, lora_pairs
from diagnose.weights.measure import Advance, Progress, measure_file
from diagnose.weights.measurement import ModuleMeasurement
from diagnose.weights.processes import Processes, borrowed
from diagnose.weights.requests import Request, Task


@dataclass(frozen=True, slots=True)
class ModuleDirection:
    """One module in both files. `overlap` is the inner product of the two updates, `norms` their Frobenius norms.

    All None where a number is not finite.
    """

    name: str
    overlap: float | None
    norms: tuple[float, float] | None

    @property
    def cosine(self) -> float | None:
        """In [-1, 1]; None where an update is zero or not finite."""
        return None if self.overlap is None or self.norms is None else _cosine(self.overlap, *self.norms)


@dataclass(frozen=True, slots=True)
class ExpertDirection:
    """The modules of one expert that both files have, in the later file's order."""

    expert: Expert | None
    modules: tuple[ModuleDirection, ...]

    @property
    def together(self) -> ModuleDirection:
        """All modules' updates as one; unknown where a number is not finite or there is no module."""
        total, norms = 0.0, []
        for module in self.modules:
            if module.overlap is None or module.norms is None:
                return ModuleDirection("", None, None)
            total += module.overlap
            norms.append(module.norms)
        if not norms:
            return ModuleDirection("", None, None)
        first, second = zip(*norms, strict=True)
        return ModuleDirection("", total, (hypot(*first), hypot(*second)))

    @property
    def cosine(self) -> float | None:
        """Of all modules' updates together; None where an update is zero or a number not finite."""
        return self.together.cosine


def update_directions(
    earlier: CheckpointFile,
    later: CheckpointFile,
    *,
    cache: Cache,
    processes: Processes | None = None,
    progress: Progress | None = None,
) -> tuple[ExpertDirection, ...]:
    """Compare two checkpoints, by expert, over the modules that both have in the same shape.

    `processes` are the workers to use, by default workers of its own.
    `progress` is called in the calling thread after every module, with the bytes read of both files.

    Raises:
        DiagnoseError: a file is not plain LoRA or cannot be read, or they have no module in common.
    """
    key = key_of([earlier, later], purpose="direction")
    stored = cache.load(key)
    if stored is not None:
        if progress:
            pairs = _common_pairs(earlier, later)
            progress(Advance(later.file, len(pairs), len(pairs), sum(map(_bytes, pairs))))
        return tuple(_from_json(each) for each in stored)
    with borrowed(processes) as workers:
        directions = _compared(earlier, later, cache, workers, progress)
    cache.store(key, [asdict(each) for each in directions])
    return directions


def _compared(
    earlier: CheckpointFile, later: CheckpointFile, cache: Cache, processes: Processes, progress: Progress | None
) -> tuple[ExpertDirection, ...]:
    pairs = _common_pairs(earlier, later)
    known = [_modules(each, cache, processes) for each in (earlier, later)]
    found: dict[Expert | None, list[ModuleDirection]] = {}
    request = Request(Task.OVERLAP, (earlier.path, later.path), tuple(pairs))
    with closing(processes.results(request)) as overlaps:
        for done, (both, overlap) in enumerate(zip(pairs, overlaps, strict=True), start=1):
            pair = both[1]
            first, second = (modules[pair.expert, pair.name] for modules in known)
            found.setdefault(pair.expert, []).append(_direction(first, second, overlap))
            if progress:
                progress(Advance(later.file, done, len(pairs), _bytes(both)))
    for each in (earlier, later):
        check_unchanged(each)
    return tuple(ExpertDirection(expert, tuple(modules)) for expert, modules in found.items())


def _common_pairs(earlier: CheckpointFile, later: CheckpointFile) -> list[tuple[LoraPair, LoraPair]]:
    """Return (earlier, later) for each module of the later file that the earlier one has in the same shape."""
    before = {(pair.expert, pair.name): pair for pair in lora_pairs(earlier)}
    common = []
    for pair in lora_pairs(later):
        same = before.get((pair.expert, pair.name))
        if same and (same.fan_in, same.fan_out) == (pair.fan_in, pair.fan_out):
            common.append((same, pair))
    if not common:
        raise DiagnoseError(f"{later.file}: shares no module with {earlier.file}; compare files of one run")
    return common


def _bytes(both: tuple[LoraPair, LoraPair]) -> int:
    return sum(pair.bytes for pair in both)


def _modules(
    checkpoint: CheckpointFile, cache: Cache, processes: Processes
) -> dict[tuple[Expert | None, str], ModuleMeasurement]:
    measured = measure_file(checkpoint, cache=cache, processes=processes)
    return {(each.expert, module.name): module for each in measured.experts for module in each.modules}


def _direction(first: ModuleMeasurement, second: ModuleMeasurement, overlap: float) -> ModuleDirection:
    """Put one module together; `overlap` comes without the scales."""
    if first.scale is None or second.scale is None or not isfinite(overlap):
        return ModuleDirection(first.name, None, None)
    if first.update_norm is None or second.update_norm is None:
        return ModuleDirection(first.name, None, None)
    return ModuleDirection(first.name, overlap * first.scale * second.scale, (first.update_norm, second.update_norm))


def _cosine(overlap: float, first: float, second: float) -> float | None:
    return max(-1.0, min(1.0, overlap / first / second)) if first and second else None


def _from_json(found: Mapping[str, Any]) -> ExpertDirection:
    """Rebuild what `asdict` took apart."""
    modules = (
        ModuleDirection(each["name"], each["overlap"], each["norms"] and tuple(each["norms"]))
        for each in found["modules"]
    )
    return ExpertDirection(found["expert"] and Expert(found["expert"]), tuple(modules))

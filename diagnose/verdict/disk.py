"""The disk that the saves of the next run will take, in figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from diagnose.facts.config.declared import Config
from diagnose.facts.known import Known
from diagnose.verdict.outcome import Change

PAIR_BYTES = "weights.pair_bytes"
SAVE_KEYS = frozenset({"save.max_step_saves_to_keep", "save.save_every"})


@dataclass(frozen=True, slots=True)
class Disk:
    """What the saves of the next run take; of two runs, both together. A save is a pair where both experts train."""

    saves: int
    pairs: bool
    bytes_each: int
    bytes: int

    @property
    def words(self) -> str:
        """The sum in words: "22 pairs at 1.2 GB = 27 GB"."""
        return f"{self.saves} {'pairs' if self.pairs else 'files'} at {size(self.bytes_each)} = {size(self.bytes)}"


def size(count: float) -> str:
    """Write a number of bytes as a disk's label does, in units of 1000: "1.2 GB", "27 GB"."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= one:
            return f"{count / one:.0f} {unit}" if count >= 10 * one else f"{count / one:.1f} {unit}"
    return f"{math.ceil(count / 1e3)} kB"


def disk_of(known: Known, configs: Sequence[Config]) -> Disk | None:
    """Return what the saves of these configs, of one run or of two, take; None where a figure is missing."""
    pair = known.value(PAIR_BYTES)
    kept = [_kept(config) for config in configs]
    if pair is None or not isinstance(pair.value, int | float) or not kept or None in kept:
        return None
    saves = sum(count for count in kept if count is not None)
    each = math.ceil(pair.value / len(configs))
    return Disk(saves, len(configs) == 1 and configs[0].trains_both, each, saves * each)


def _kept(config: Config) -> int | None:
    """Return how many saves are there at the end, the final one among them."""
    paths = ("train.steps", "save.save_every", "save.max_step_saves_to_keep")
    steps, every, keep = (config.finite(path) for path in paths)
    if steps is None or every is None or keep is None or every.value < 1:
        return None
    saves: int = min(math.ceil(steps.value / every.value), int(keep.value))
    return max(1, saves)


def with_disk(changes: Iterable[Change], disk: Disk | None) -> tuple[Change, ...]:
    """Return the changes, those of the saves with the figures of the disk."""
    if disk is None:
        return tuple(changes)
    return tuple(
        replace(change, because=f"{change.because}; {disk.words}") if change.path in SAVE_KEYS else change
        for change in changes
    )

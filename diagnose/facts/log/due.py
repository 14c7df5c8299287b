"""When previews and saves were due, and which pauses between two rows of the log they fall into."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from diagnose.sources.log_readings import Abilities
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config

MOST = 10**9
"""No cadence is longer, unless it is a typing error."""


class Cadence(Struct, frozen=True):
    """After which steps something is due: every so many from `start` on, and where that is unknown, at known steps."""

    every: int | None = None
    start: int = 1
    steps: tuple[int, ...] = ()

    def count(self, first: int, last: int) -> int:
        """Return how often it is due from one step to another, both included; at step 0 nothing is."""
        (found,) = self.counts([first, max(first, last + 1)])
        return found

    def counts(self, steps: Sequence[int]) -> list[int]:
        """Return how often it is due from each of ascending steps to just before the next; at step 0 nothing is."""
        if self.every is None:
            return [last - first for first, last in pairwise([bisect_left(self.steps, max(s, 1)) for s in steps])]
        # so often up to each step, the first of which is not before `start`
        least, every = max(self.start, 1), self.every
        done = [(max(least, step)) - 1 for step in steps]
        return [last // every - first // every for first, last in pairwise(done)]


class Due(Struct, frozen=True):
    """When previews and saves are due, None where nothing tells.

    `after_saves`: the log writes the row of a step after both, not before.
    """

    previews: Cadence | None
    saves: Cadence | None
    after_saves: bool

    def between(self, steps: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return how many rounds of previews and how many saves were due between the rows of ascending steps.

        The fork writes the row of a step and then saves and previews it, so the next row is late; upstream writes it
        at the end of the step, after both (BaseSDTrainProcess.py, run).
        """
        shifted = [step + 1 for step in steps] if self.after_saves else steps
        none = [0] * max(0, len(steps) - 1)
        previews, saves = (none if each is None else each.counts(shifted) for each in (self.previews, self.saves))
        return previews, saves


def when_due(readings: RunReadings, config: Config | None, abilities: Abilities) -> Due:
    """Return when previews and saves were due by the config, else by the files that are there."""
    saves = _every(config, "save_every") or _at(file.step for file in readings.checkpoints)
    previews = _every(config, "sample_every", "sample_start") or _at(file.step for file in readings.samples)
    asked = config.model.previews(config) if config is not None else None
    if asked is not None and not asked.made:
        previews = Cadence()
    return Due(previews, saves, abilities.after_saves)


def _every(config: Config | None, name: str, start: str = "") -> Cadence | None:
    found = config.number(name) if config is not None else None
    if config is None or found is None or not 1 <= found.value <= MOST:
        return None
    least = config.finite(start) if start else None
    return Cadence(int(found.value), int(least.value) if least is not None and 1 <= least.value <= MOST else 1)


def _at(steps: Iterable[int | None]) -> Cadence | None:
    found = sorted({step for step in steps if step is not None})
    return Cadence(steps=tuple(found)) if found else None

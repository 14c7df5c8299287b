"""Pauses between the rows of a log: which of them no preview and no save explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from diagnose.facts.log.series import Series
from diagnose.sources.log_readings import LogRow
from diagnose.trainers.declared import Config

GAP_FACTOR = 20.0
GAP_SECONDS = 20.0
"""A pause between two rows this many times the usual one, and this long, needs an explanation: a preview, a save,
or an interruption."""
PREVIEW_FACTOR = 4.0
"""A pause at a preview or save that is this much longer than the others of its kind is an interruption after all."""
CADENCES = ("sample_every", "save_every")
MOST = 10**9


def interruptions(series: Series, config: Config | None) -> list[LogRow] | None:
    """Return the rows before which the trainer was restarted, after a long pause; None where the log has no times."""
    timed = [row for row in series.rows if row.time is not None]
    waits = [(row, (row.time or 0.0) - (before.time or 0.0)) for before, row in pairwise(timed)]
    if not waits:
        return None
    limit = max(GAP_SECONDS, GAP_FACTOR * median(wait for _, wait in waits))
    cadences = _cadences(config)
    kinds: dict[tuple[int, ...], list[tuple[LogRow, float]]] = defaultdict(list)
    for row, wait in waits:
        kinds[_due(row, cadences, after_saves=series.log.abilities.after_saves)].append((row, wait))
    found: list[LogRow] = []
    for due, pauses in kinds.items():
        usual = PREVIEW_FACTOR * median(wait for _, wait in pauses) if due else 0.0
        found += [row for row, wait in pauses if wait > max(limit, usual)]
    return sorted(found, key=lambda row: row.step)


def _cadences(config: Config | None) -> tuple[int, ...]:
    """Return after how many steps a preview and a save are due."""
    found = [config.number(name) for name in CADENCES] if config is not None else []
    return tuple(int(number.value) for number in found if number is not None and 1 <= number.value <= MOST)


def _due(row: LogRow, cadences: Sequence[int], *, after_saves: bool) -> tuple[int, ...]:
    """Return the cadences due in the pause before a row.

    The fork writes the row of a step and then saves and previews it, so the next row is late (BaseSDTrainProcess.py,
    run); upstream writes it at the end of the step, after both.
    """
    step = row.step if after_saves else row.step - 1
    return tuple(cadence for cadence in cadences if step > 0 and step % cadence == 0)

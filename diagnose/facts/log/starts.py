"""How often the trainer was started again in one run, and which rows belong to its last start.

The trainer writes `config.yaml` anew at every start: the one that was read is that of the last. A console names its
starts; elsewhere a pause between two rows that no preview and no save explains is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import sub
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from diagnose.core.values import Place
from diagnose.facts.log.due import Due, when_due
from diagnose.facts.log.series import Series
from diagnose.sources.columns import there
from diagnose.sources.log_rows import LogRow
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


class Restarts(Struct, frozen=True):
    """The first step of each start but the first, None where it trained none, and what shows them.

    `samples` counts the rows that were looked at, None where the console tells.
    """

    steps: tuple[int | None, ...]
    places: tuple[Place, ...]
    samples: int | None = None

    @property
    def known_steps(self) -> tuple[int, ...]:
        """The first steps of the later starts that trained any."""
        return tuple(step for step in self.steps if step is not None)


def restarts(readings: RunReadings, series: Series | None, config: Config | None) -> Restarts | None:
    """Return the later starts, as the console tells them, else as pauses show them; None where nothing does."""
    console = readings.console
    if console is not None and console.sessions:
        resumed = [session for session in console.sessions if session.resumed_from is not None]
        rows = console.log.rows
        # a console that shows the whole of what was logged shows every start
        whole = series is None or (
            bool(rows) and rows[0].step <= series.rows[0].step and rows[-1].step >= series.rows[-1].step
        )
        if resumed or whole:
            last = console.sessions[-1]
            shown = [each.place(each.resume_line or each.first_line, step=each.resumed_from) for each in resumed]
            return Restarts(tuple(s.first_step for s in resumed), tuple(shown or [last.place(last.last_line)]))
    if series is None or not series.log.abilities.timed:
        return None
    later = interruptions(series, when_due(readings, config, series.log.abilities))
    if later is None:
        return None
    places = tuple(series.place(row) for row in later or series.rows[-1:])
    return Restarts(tuple(row.step for row in later), places, len(series.rows))


def last_start(series: Series | None, later: Restarts | None) -> Series | None:
    """Return the rows of the last start, all of them where there was one or nothing tells."""
    steps = later.known_steps if later is not None else ()
    if series is None or not steps:
        return series
    return replace(series, rows=series.rows[bisect_left(series.rows.steps, max(steps)) :])


GAP_FACTOR = 20.0
GAP_SECONDS = 20.0
"""A pause between two rows this many times the usual one, and this long, needs an explanation: a preview, a save,
or an interruption."""
NEIGHBOURS = 5
"""Waits before and after a pause that are looked at: where they are long too, the steps became slow."""
PREVIEW_FACTOR = 4.0
"""A pause at a preview or save that is this much longer than the others of its kind is an interruption after all."""


def interruptions(series: Series, due: Due) -> list[LogRow] | None:
    """Return the rows before which the trainer was restarted, after a long pause; None where the log has no times."""
    timed = series.rows.where(there(series.rows.numbers("time")))
    times = timed.numbers("time")
    seconds = list(map(sub, times[1:], times))
    if not seconds:
        return None
    limit = max(GAP_SECONDS, GAP_FACTOR * median(seconds))
    kinds: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for at, (wait, previews, saves) in enumerate(zip(seconds, *due.between(timed.steps), strict=True)):
        if wait > limit and wait <= GAP_FACTOR * median(seconds[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]):
            continue  # the steps around it take as long: they became slow
        kinds[previews > 0, saves > 0].append(at)
    found: list[LogRow] = []
    for kind, pauses in kinds.items():
        usual = PREVIEW_FACTOR * median(seconds[at] for at in pauses) if any(kind) else 0.0
        found += [timed[at + 1] for at in pauses if seconds[at] > max(limit, usual)]
    return sorted(found, key=lambda row: row.step)

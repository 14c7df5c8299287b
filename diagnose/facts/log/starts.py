"""How often the trainer was started again in one run, and which rows belong to its last start.

The trainer writes `config.yaml` anew at every start: the one that was read is that of the last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnose.core.model import Place
from diagnose.facts.log.pauses import interruptions
from diagnose.facts.log.series import Series
from diagnose.sources.log_readings import ConsoleReading
from diagnose.sources.readings import RunReadings
from diagnose.trainers.declared import Config


@dataclass(frozen=True, slots=True)
class Restarts:
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
        if resumed or series is None or _covers(console, series):
            last = console.sessions[-1]
            shown = [each.place(each.resume_line or each.first_line, step=each.resumed_from) for each in resumed]
            return Restarts(tuple(s.first_step for s in resumed), tuple(shown or [last.place(last.last_line)]))
    if series is None or not series.log.abilities.timed:
        return None
    rows = interruptions(series, config)
    if rows is None:
        return None
    places = tuple(series.place(row) for row in rows or series.rows[-1:])
    return Restarts(tuple(row.step for row in rows), places, len(series.rows))


def last_start(series: Series | None, later: Restarts | None) -> Series | None:
    """Return the rows of the last start, all of them where there was one or nothing tells."""
    steps = later.known_steps if later is not None else ()
    if series is None or not steps:
        return series
    return replace(series, rows=tuple(row for row in series.rows if row.step >= max(steps)))


def _covers(console: ConsoleReading, series: Series) -> bool:
    """Whether the console shows the whole of what was logged, so that its starts are all there were."""
    rows = console.log.rows
    return bool(rows) and rows[0].step <= series.rows[0].step and rows[-1].step >= series.rows[-1].step

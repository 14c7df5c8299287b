"""How far a run came, and how it ended."""

from __future__ import annotations

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.facts.log.series import Series
from diagnose.sources.log_readings import ConsoleSession, SessionEnd
from diagnose.sources.readings import RunReadings


class Ending(Struct, frozen=True):
    """How the run ended: finished, None where nothing tells, and the words for it.

    `open` says that nothing shows an end: it may still be going. `cut`: not as its user wanted, or not yet.
    """

    finished: bool | None
    words: str
    places: tuple[Place, ...]
    open: bool = False
    cut: bool = False


def steps_trained(readings: RunReadings, series: Series | None) -> tuple[int, Place] | None:
    """Return how many steps were trained, and what shows it.

    Log rows count from 0 (the fork) or leave out step 0 (upstream): either way the last row's number plus one.
    """
    found: list[tuple[int, Place]] = []
    if series is not None and series.rows:
        found.append((series.rows[-1].step + 1, series.place(series.rows[-1])))
    found += [(c.step, Place(c.file, step=c.step)) for c in readings.checkpoints if c.step is not None]
    found += [(preview.step, Place(preview.file, step=preview.step)) for preview in readings.samples if preview.step]
    console = readings.console
    if console is not None and console.log.rows:
        row = console.log.rows[-1]
        found.append((row.step + 1, console.log.place(row)))
    if not found and console is not None and console.sessions and console.sessions[-1].whole:
        last = console.sessions[-1]
        return 0, last.place(last.last_line)
    return max(found, key=lambda item: item[0]) if found else None


def how_it_ended(readings: RunReadings, configured: float | None, trained: int | None = None) -> Ending:
    """Conclude how the run ended, from its final checkpoint, the console, and how many steps were trained.

    Only files are asked, so that the same files give the same answer at any time of day.
    """
    if configured is not None and trained is not None and trained > configured + 1:
        return Ending(None, "log or files are not all of this config", ())
    finals = [c for c in readings.checkpoints if c.final]
    reached = [c for c in finals if c.step is None or configured is None or c.step >= configured]
    console = readings.console
    if reached:
        return Ending(finished=True, words="finished", places=(Place(reached[0].file, step=reached[0].step),))
    if console is not None and console.sessions:
        return _by_console(console.sessions[-1])
    if finals:
        return Ending(finished=False, words="stopped before the configured steps", places=(Place(finals[0].file),))
    short = configured is None or trained is None or trained < configured
    if readings.checkpoints:
        return Ending(
            finished=False, words="no final checkpoint: still going, or stopped early", places=(), open=short, cut=short
        )
    return Ending(None, "unknown", (), open=short, cut=short)


def _by_console(last: ConsoleSession) -> Ending:
    at = f" at step {last.last_step}" if last.last_step is not None else ""
    words = {
        SessionEnd.CRASHED: f"crashed{at}",
        SessionEnd.INTERRUPTED: f"interrupted{at}",
        SessionEnd.KILLED: f"killed by the system{at}",
        SessionEnd.CUT_OFF: f"the console shows no end{at}: still going, or cut off",
        SessionEnd.FINISHED: "finished",
    }
    return Ending(
        last.end is SessionEnd.FINISHED,
        words[last.end],
        (last.place(last.last_word),),
        open=last.end is SessionEnd.CUT_OFF,
        cut=last.end in {SessionEnd.CRASHED, SessionEnd.KILLED, SessionEnd.CUT_OFF},
    )

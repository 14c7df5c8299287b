"""Read the captured consoles of a run: their sessions become one story. Only one job is this run's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from diagnose.sources.console.copies import without_copies
from diagnose.sources.console.ending import readable
from diagnose.sources.console.marks import Mark
from diagnose.sources.console.session import Session
from diagnose.sources.console.transcript import MOST_SESSIONS, Transcript
from diagnose.sources.log_rows import MOST_STEPS, finish_rows
from diagnose.sources.readings import ConsoleReading, LogKind, LogReading, LogRow, Mention


def join(transcripts: Sequence[Transcript], *, names: Sequence[str]) -> ConsoleReading:
    """Make one reading of the consoles of a run, one at least, the earliest first.

    The steps of a session replace whatever earlier sessions showed from its first step on: the trainer went back
    to a checkpoint, and that training was lost.

    Args:
        transcripts: the consoles.
        names: what the run's job may be called, the surest name first.
    """
    everything = list(chain.from_iterable(transcript.sessions for transcript in transcripts))
    job = _job(everything, names)
    own = [session for session in everything if session.job in (job, None)]
    for session in everything:
        if session.job not in (job, None):
            session.tally.add("another job starts here; it is left out", line=session.first_line)
    for session in own[:-MOST_SESSIONS]:
        session.tally.add(f"only the last {MOST_SESSIONS:,} starts of the trainer count", line=session.first_line)
    sessions = without_copies(own[-MOST_SESSIONS:])
    modules = [session.lora_modules for session in sessions if session.lora_modules is not None]
    file = sessions[-1].tally.file if sessions else transcripts[-1].tally.file
    return ConsoleReading(
        log=LogReading(file, LogKind.CONSOLE, finish_rows(_merged(sessions))),
        sessions=tuple(session.told() for session in sessions),
        nan_losses=_mentions(sessions, Mark.NAN_LOSS),
        metric_write_failures=_mentions(sessions, Mark.WRITE_FAILURE),
        out_of_memory=_mentions(sessions, Mark.OUT_OF_MEMORY),
        saves=_mentions(sessions, Mark.SAVED),
        unquantised=_mentions(sessions, Mark.NOT_QUANTISED),
        clip_errors=_mentions(sessions, Mark.CLIP_ERROR),
        optimizer_failures=_mentions(sessions, Mark.OPTIMIZER_FAILED),
        removed_saves=_mentions(sessions, Mark.REMOVED_SAVE),
        fork_marks=_mentions(sessions, Mark.FORK),
        upstream_marks=_mentions(sessions, Mark.UPSTREAM),
        lora_modules=modules[-1] if modules else None,
        remarks=tuple(chain.from_iterable(transcript.tally.remarks() for transcript in transcripts)),
    )


def _job(sessions: Sequence[Session], names: Sequence[str]) -> bytes | None:
    """Return the job that is this run's: the one of the first name that any has, else the last."""
    jobs = [session.job for session in sessions if session.job is not None]
    named = (job for name in names for job in jobs if readable(job) == name)
    return next(named, jobs[-1] if jobs else None)


def _merged(sessions: Sequence[Session]) -> dict[int, LogRow]:
    rows: dict[int, LogRow] = {}
    for session in sessions:
        first = min(session.rows, default=MOST_STEPS)
        rows = {step: row for step, row in rows.items() if step < first} | session.rows
    return rows


def _mentions(sessions: Sequence[Session], mark: Mark) -> tuple[Mention, ...]:
    return tuple(chain.from_iterable(session.mentions[mark] for session in sessions))

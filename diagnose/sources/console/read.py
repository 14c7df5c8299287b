"""Read the captured console of the trainer: its starts, their steps, and the lines that matter.

A console may hold several starts (a crash, a resume) and, rarely, several jobs; only one job is this run's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from diagnose.errors import DiagnoseError
from diagnose.sources.console.bar import idle_bar, training_bar
from diagnose.sources.console.ending import readable
from diagnose.sources.console.marks import Mark, marks
from diagnose.sources.console.session import Session
from diagnose.sources.filenames import shown
from diagnose.sources.lines import LONGEST, pieces
from diagnose.sources.log_rows import MOST_ROWS, MOST_STEPS, finish_rows
from diagnose.sources.readings import ConsoleReading, LogKind, LogReading, LogRow, Mention, SessionEnd
from diagnose.sources.tally import Tally

MOST_SESSIONS = 1_000
"""Starts of the trainer in one console; each takes minutes, even where a script restarts it for ever."""

_MOVE = re.compile(rb"\x1b\[\d*[A-H]")
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


def read_console(path: Path, *, run_dir: Path) -> ConsoleReading:
    """Read a captured console in one pass.

    The steps of a session replace whatever earlier sessions showed from its first step on: the trainer went back
    to a checkpoint, and that training was lost.

    Raises:
        DiagnoseError: the file cannot be read, or shows more steps than any run.
    """
    file = shown(path, run_dir)
    tally = Tally(file)
    everything = _sessions(path, tally)
    job = _job(everything, run_dir.resolve().name)
    sessions = [session for session in everything if session.job in (job, None)]
    for session in everything:
        if session not in sessions:
            tally.add("another job starts here; it is left out", line=session.first_line)
    told = tuple(session.close() for session in sessions)
    modules = [session.lora_modules for session in sessions if session.lora_modules is not None]
    return ConsoleReading(
        file=file,
        log=LogReading(file, LogKind.CONSOLE, finish_rows(_merged(sessions))),
        sessions=told,
        nan_losses=_mentions(sessions, Mark.NAN_LOSS),
        metric_write_failures=_mentions(sessions, Mark.WRITE_FAILURE),
        out_of_memory=_mentions(sessions, Mark.OUT_OF_MEMORY),
        removed_saves=_mentions(sessions, Mark.REMOVED_SAVE),
        fork_marks=_mentions(sessions, Mark.FORK),
        upstream_marks=_mentions(sessions, Mark.UPSTREAM),
        lora_modules=modules[-1] if modules else None,
        remarks=tally.remarks(),
    )


def _sessions(path: Path, tally: Tally) -> list[Session]:
    """Split the console into sessions and let each follow its part."""
    kept: Counter[Mark] = Counter()
    sessions = [Session(1, tally, kept)]
    for piece in pieces(path):
        if piece.cut:
            tally.add(f"line longer than {LONGEST:,} bytes; its end is not read", line=piece.number)
        for drawn in _plain(piece.text):
            text = _draw(sessions[-1], piece.number, drawn).rstrip()
            if not text:
                continue
            told = marks(text)
            if _starts_anew(sessions[-1], told):
                sessions.append(Session(piece.number, tally, kept))
                _check_number(sessions, tally.file)
            sessions[-1].read(piece.number, text, told)
        sessions[-1].last_line = piece.number
    return [session for session in sessions if session.substantial]


def _plain(raw: bytes) -> list[bytes]:
    """Split at cursor movements, which nested bars use, and drop colours."""
    if b"\x1b" not in raw:
        return [raw]
    return [_ESCAPE.sub(b"", text) for text in _MOVE.split(raw)]


def _draw(session: Session, line: int, text: bytes) -> bytes:
    """Hand the session the bar in a text, if there is one, and return the text that remains to be read."""
    if (bar := training_bar(text)) is not None:
        session.draw(bar, line)
        return bar.after
    if (bar := idle_bar(text)) is not None:
        session.idle(bar)
        return bar.after or text
    return text


def _check_number(sessions: Sequence[Session], file: str) -> None:
    if len(sessions) > MOST_SESSIONS or sum(len(session.rows) for session in sessions) > MOST_ROWS:
        raise DiagnoseError(f"{file}: more starts of the trainer or more steps than a run has; give one run's console")


def _starts_anew(session: Session, told: Sequence[tuple[Mark, re.Match[bytes]]]) -> bool:
    """Tell a new start of the trainer from the first lines of this one.

    Standard output into a file is buffered and the progress bar is not, so the first lines may come after bars.
    """
    for mark, _ in told:
        if mark is Mark.START:
            return session.started or session.ending.end is not SessionEnd.CUT_OFF
        if mark is Mark.JOB:
            return session.job is not None
    return False


def _job(sessions: Sequence[Session], run: str) -> bytes | None:
    """Return the job that is this run's: the one of the run folder's name, else the last."""
    jobs = [session.job for session in sessions if session.job is not None]
    return next((job for job in jobs if readable(job) == run), jobs[-1] if jobs else None)


def _merged(sessions: Sequence[Session]) -> dict[int, LogRow]:
    rows: dict[int, LogRow] = {}
    for session in sessions:
        first = min(session.rows, default=MOST_STEPS)
        rows = {step: row for step, row in rows.items() if step < first} | session.rows
    return rows


def _mentions(sessions: Sequence[Session], mark: Mark) -> tuple[Mention, ...]:
    return tuple(chain.from_iterable(session.mentions[mark] for session in sessions))

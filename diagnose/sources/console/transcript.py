"""Take one captured console apart into sessions: every start of the trainer that its text shows.

A console may hold several starts (a crash, a resume) and, rarely, several jobs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.sources.console.bar import idle_bar, training_bar
from diagnose.sources.console.marks import Mark, marks
from diagnose.sources.console.plain import plain
from diagnose.sources.console.session import Session
from diagnose.sources.filenames import shown
from diagnose.sources.lines import LONGEST, pieces
from diagnose.sources.log_rows import MOST_ROWS
from diagnose.sources.readings import SessionEnd
from diagnose.sources.tally import Tally

MOST_SESSIONS = 1_000
"""Starts of the trainer in one console; each takes minutes, even where a script restarts it for ever."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The sessions of one console, closed, in the order of its text. `tally` counts the troubles of the file."""

    tally: Tally
    sessions: tuple[Session, ...]


def read_transcript(path: Path, *, run_dir: Path) -> Transcript:
    """Read one captured console in one pass.

    Raises:
        DiagnoseError: the file cannot be read, or shows more steps than any run.
    """
    tally = Tally(shown(path, run_dir))
    kept: Counter[Mark] = Counter()
    sessions = [Session(1, tally, kept)]
    for piece in pieces(path):
        if piece.cut:
            tally.add(f"line longer than {LONGEST:,} bytes; its end is not read", line=piece.number)
        for drawn in plain(piece.text):
            text = _draw(sessions[-1], piece.number, drawn).rstrip()
            if not text:
                continue
            told = marks(text)
            if _starts_anew(sessions[-1], told):
                sessions.append(Session(piece.number, tally, kept))
                _check_number(sessions, tally.file)
            sessions[-1].read(piece.number, text, told)
        sessions[-1].last_line = piece.number
    found = tuple(session for session in sessions if session.substantial)
    for session in found:
        session.close()
    return Transcript(tally, found)


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

    Standard output into a file is buffered and the progress bar is not, so the first lines may come after bars, but
    not after bars that begin in the middle.
    """
    for mark, _ in told:
        if mark is Mark.START:
            return session.started or session.torn or session.ending.end is not SessionEnd.CUT_OFF
        if mark is Mark.JOB:
            return session.job is not None
    return False

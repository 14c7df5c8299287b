"""Read the captured consoles of a run: each is taken apart into sessions, and those become one story.

A session is one start of the trainer. A console may hold several (a crash, a resume) and, rarely, several jobs, of
which only one is this run's. Sessions that another console shows too (copies, tails, consoles cut off earlier) count
once.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import shown
from diagnose.core.values import Place
from diagnose.sources.console_text.forms import plain
from diagnose.sources.lines import LONGEST, pieces
from diagnose.sources.log_readings import (
    MOST_SESSIONS,
    Abilities,
    ConsoleReading,
    LogReading,
    Mention,
    SessionEnd,
    Sign,
)
from diagnose.sources.log_rows import LogRows, latest_rows
from diagnose.sources.row_writer import MOST_ROWS
from diagnose.sources.tally import Tally
from diagnose.trainers.aitoolkit import FORK, UPSTREAM
from diagnose.trainers.aitoolkit.console.marks import Mark, marks
from diagnose.trainers.aitoolkit.console.progress_bar import idle_bar, training_bar
from diagnose.trainers.aitoolkit.console.session import Session, readable
from diagnose.trainers.aitoolkit.expert_turns import finish_rows

ABILITIES = Abilities(every_step=True)

_REFUSED_KEY = re.compile(r"\bAutomagic\.__init__\(\) got an unexpected keyword argument '((?:high|low)_noise_\w+)'")


class Transcript(Struct, frozen=True):
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
            text = drawn
            if (bar := training_bar(text)) is not None:
                sessions[-1].draw(bar, piece.number)
                text = bar.after
            elif (bar := idle_bar(text)) is not None:
                sessions[-1].idle = bar
                text = bar.after or text
            text = text.rstrip()
            if not text:
                continue
            told = marks(text)
            if _starts_anew(sessions[-1], told):
                sessions.append(Session(piece.number, tally, kept))
                if len(sessions) > MOST_SESSIONS or sum(session.trained for session in sessions) > MOST_ROWS:
                    far = "more starts of the trainer or more steps than a run has; give one run's console"
                    raise DiagnoseError(f"{tally.file}: {far}")
            sessions[-1].read(piece.number, text, told)
        sessions[-1].last_line = piece.number
    found = tuple(session for session in sessions if session.substantial)
    for session in found:
        session.close()
    return Transcript(tally, found)


def _starts_anew(session: Session, told: Sequence[tuple[Mark, re.Match[bytes]]]) -> bool:
    """Tell a new start of the trainer from the first lines of this one.

    Standard output into a file is buffered and the progress bar is not, so the first lines may come after bars, but
    not after bars that begin in the middle.
    """
    for mark, _ in told:
        if mark is Mark.START:
            return session.started or session.torn or session.failed
        if mark is Mark.JOB:
            return session.job is not None
    return False


def join(transcripts: Sequence[Transcript], *, names: Sequence[str]) -> ConsoleReading:
    """Make one reading of the consoles of a run, one at least, the earliest first.

    `names` are what the run's job may be called, the surest first; without any of them the last job counts.
    """
    everything = list(chain.from_iterable(transcript.sessions for transcript in transcripts))
    jobs = [session.job for session in everything if session.job is not None]
    named = (job for name in names for job in jobs if readable(job) == name)
    job = next(named, jobs[-1] if jobs else None)
    own = [session for session in everything if session.job in (job, None)]
    for session in everything:
        if session.job not in (job, None):
            session.tally.add("another job starts here; it is left out", line=session.first_line)
    for session in own[:-MOST_SESSIONS]:
        session.tally.add(f"only the last {MOST_SESSIONS:,} starts of the trainer count", line=session.first_line)
    sessions = without_copies(own[-MOST_SESSIONS:])
    rows = latest_rows([session.rows for session in sessions])
    file = sessions[-1].tally.file if sessions else transcripts[-1].tally.file
    return ConsoleReading(
        log=LogReading(file, ABILITIES, finish_rows(rows)),
        sessions=tuple(session.told() for session in sessions),
        nan_losses=_mentions(sessions, Mark.NAN_LOSS),
        skipped_steps=_mentions(sessions, Mark.SKIPPED_STEP),
        saves=_mentions(sessions, Mark.SAVED),
        unquantised=_mentions(sessions, Mark.NOT_QUANTISED),
        resumed_in_part=_mentions(sessions, Mark.KEYS_MISSING),
        loaded=sessions[-1].keys.told() if sessions else (),
        clip_errors=_mentions(sessions, Mark.CLIP_ERROR),
        signs=tuple(_signs(sessions)),
        preview_rounds=tuple(chain.from_iterable(session.preview_rounds for session in sessions)),
        remarks=tuple(chain.from_iterable(transcript.tally.remarks() for transcript in transcripts)),
    )


def _signs(sessions: Sequence[Session]) -> Iterator[Sign]:
    """Yield what only one of the two trainers prints, or refuses."""
    for trainer, mark in ((FORK, Mark.FORK), (UPSTREAM, Mark.UPSTREAM)):
        for mention in _mentions(sessions, mark)[:1]:
            yield Sign(trainer, f"only this trainer prints “{mention.text[:60].strip()}”", mention.at)
    for session in sessions:
        failed = session.failure
        refused = _REFUSED_KEY.search(failed.error.text) if failed is not None else None
        if failed is not None and refused is not None:
            text = f"its automagic refuses {refused[1]}; the fork's does not"
            yield Sign(UPSTREAM, text, Place(session.tally.file, line=failed.error.line))


def _mentions(sessions: Sequence[Session], mark: Mark) -> tuple[Mention, ...]:
    return tuple(chain.from_iterable(session.mentions[mark] for session in sessions))


def without_copies(sessions: Sequence[Session]) -> list[Session]:
    """Return the sessions of several consoles in their order, each start of the trainer once.

    Of two that show the same steps the first stays: its place in the order is the surer one. Of two that trained no
    step and ended alike the last stays, for they may as well be two starts.
    """
    return [
        session
        for at, session in enumerate(sessions)
        if not any(
            _shows(other, session) and not (_shows(session, other) and (at < before) is bool(session.rows))
            for before, other in enumerate(sessions)
            if other.tally is not session.tally
        )
    ]


def _shows(other: Session, session: Session) -> bool:
    """Whether everything that a session shows stands in the other too: its steps and its end, unless it has none."""
    if not session.rows:
        return not other.rows and _error(session) == _error(other)
    return (
        session.end in {SessionEnd.CUT_OFF, other.end}
        and _error(session) in {None, _error(other)}
        and _within(session.rows, other.rows)
    )


def _within(rows: LogRows, others: LogRows) -> bool:
    """Whether each of some rows is among others, with the same loss."""
    first, last = rows[0].step, rows[-1].step
    others = others[bisect_left(others.steps, first) : bisect_right(others.steps, last)]
    if len(others) < len(rows):
        return False
    losses, found = rows.numbers("loss"), others.numbers("loss")
    if rows.steps != others.steps:
        at = dict(zip(others.steps, found, strict=True))
        if not at.keys() >= set(rows.steps):
            return False
        found = array("d", [at[step] for step in rows.steps])
    return losses.tobytes() == found.tobytes()


def _error(session: Session) -> str | None:
    return session.failure.error.text if session.failure is not None else None

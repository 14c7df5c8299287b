"""Leave out the sessions that another console of the run shows too: copies, tails, and consoles cut off earlier."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.sources.console.session import Session
from diagnose.sources.readings import SessionEnd


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
        session.ending.end in {SessionEnd.CUT_OFF, other.ending.end}
        and _error(session) in {None, _error(other)}
        and session.rows.keys() <= other.rows.keys()
        and all(row.loss == other.rows[step].loss for step, row in session.rows.items())
    )


def _error(session: Session) -> str | None:
    return session.ending.error.text if session.ending.error is not None else None

"""How the sessions of a console ended, by what is known of crashes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from diagnose.crashes.reading import HowItEnded, read_end
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Phase
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, SessionEnd

LONGEST_TEXT = 300
"""Characters of an error that are told."""
_ENDS = {
    KindEnd.DIED: SessionEnd.CRASHED,
    KindEnd.KILLED: SessionEnd.KILLED,
    KindEnd.STOPPED: SessionEnd.INTERRUPTED,
    KindEnd.NONE: SessionEnd.CUT_OFF,
}


def last_end(
    console: ConsoleReading | None,
    kinds: Mapping[str, CrashKind],
    phases: Mapping[str, Phase],
    trainer: str | None = None,
) -> HowItEnded | None:
    """Return how the last session ended; None where no console shows one."""
    if console is None or not console.sessions:
        return None
    last = console.sessions[-1]
    return read_end(last.end_text, kinds, phases, trainer=trainer, trained=last.last_step is not None)


def with_end(console: ConsoleReading, ended: HowItEnded) -> ConsoleReading:
    """Return the console whose last session ended so."""
    return replace(console, sessions=(*console.sessions[:-1], _ended(console.sessions[-1], ended)))


def _ended(session: ConsoleSession, ended: HowItEnded) -> ConsoleSession:
    if not session.end_text.lines:
        return session
    end = session.end if session.end is SessionEnd.FINISHED else _ENDS[ended.ends]
    word, cause = ended.error, ended.cause
    died = ended.ends is KindEnd.DIED
    return replace(
        session,
        end=end,
        error=word.text[:LONGEST_TEXT] if died and word is not None else None,
        error_line=word.number if died and word is not None else None,
        cause=cause.text[:LONGEST_TEXT] if died and cause is not None else None,
        cause_line=cause.number if died and cause is not None else None,
        killed_line=word.number if ended.ends is KindEnd.KILLED and word is not None else None,
    )

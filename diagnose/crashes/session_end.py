"""How the sessions of a console ended, by what is known of crashes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from diagnose.crashes.reading import HowItEnded, read_end
from diagnose.crashes.versions import NOTHING_READ, ReadVersions
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Phase
from diagnose.sources.console_text.end_region import EndText
from diagnose.sources.console_text.line import LONGEST_SHOWN
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, SessionEnd

_ENDS = {
    KindEnd.DIED: SessionEnd.CRASHED,
    KindEnd.KILLED: SessionEnd.KILLED,
    KindEnd.STOPPED: SessionEnd.INTERRUPTED,
    KindEnd.NONE: SessionEnd.CUT_OFF,
}
ENDS_READ = 50
"""The latest starts whose end is looked at; nothing asks how one before them ended."""


def with_ends(
    console: ConsoleReading,
    kinds: Mapping[str, CrashKind],
    phases: Mapping[str, Phase],
    trainers: Collection[str] = (),
    versions: ReadVersions = NOTHING_READ,
) -> tuple[ConsoleReading, HowItEnded | None]:
    """Return the console whose sessions ended as they show, and how the last one did; None without any session."""
    earlier, latest = console.sessions[:-ENDS_READ], console.sessions[-ENDS_READ:]
    ends = [
        read_end(
            each.end_text or EndText(),
            kinds,
            phases,
            trainers=trainers,
            versions=versions,
            trained=each.last_step is not None,
            pasted=console.anyones and each.total_steps is None and each.last_step is None,
        )
        for each in latest
    ]
    told = tuple(_ended(session, ended) for session, ended in zip(latest, ends, strict=True))
    return replace(console, sessions=(*earlier, *told)), ends[-1] if ends else None


def _ended(session: ConsoleSession, ended: HowItEnded) -> ConsoleSession:
    if session.end_text is None or not session.end_text.lines:
        return session
    end = session.end if session.end is SessionEnd.FINISHED else _ENDS[ended.ends]
    word, cause = ended.error, ended.cause
    died = ended.ends is KindEnd.DIED
    return replace(
        session,
        end=end,
        error=word.text[:LONGEST_SHOWN] if died and word is not None else None,
        error_line=word.number if died and word is not None else None,
        cause=cause.text[:LONGEST_SHOWN] if died and cause is not None else None,
        cause_line=cause.number if died and cause is not None else None,
        killed_line=word.number if ended.ends is KindEnd.KILLED and word is not None else None,
    )

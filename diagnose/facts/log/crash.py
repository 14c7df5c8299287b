"""What a run died of: the error, what it followed from, the kind of crash it was, and what the run ran out of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagnose.core.values import Place
from diagnose.crashes.matching import Match
from diagnose.crashes.reading import HowItEnded
from diagnose.crashes.versions import Fit, HeldVersions
from diagnose.facts.recorder import NONE, Recorder
from diagnose.rulebase.crash_kinds import KindEnd, RunsOutOf
from diagnose.sources.environment.component import ASKED_FOR
from diagnose.sources.log_readings import ConsoleReading, ConsoleSession, SessionEnd
from diagnose.trainers.declared import Config

OTHER = "other"
"""The kind of an error that nothing is known of."""
NOTHING = "nothing"
_UNITS = {"GiB": 1.0, "MiB": 2**-10, "KiB": 2**-20, "bytes": 2**-30}
_SIZE = re.compile(rf"(\d{{1,7}}(?:\.\d{{1,4}})?) ({'|'.join(_UNITS)})")
_SIZES = ("asked", "free", "card")
"""The values of a kind that are sizes of the GPU's memory."""


def record_crash(
    console: ConsoleReading, ended: HowItEnded | None, config: Config | None, record: Recorder, *, finished: bool
) -> None:
    """Record `crash.*`, `run.crash*`, `run.killed`, and how many steps were skipped and layers left unquantised.

    `ended` is how the last session ended; `finished` says that what went wrong came after the end.
    """
    last = console.sessions[-1]
    crashed = last.end is SessionEnd.CRASHED and not finished
    killed = last.end is SessionEnd.KILLED and not finished
    place = last.place(last.last_word, step=last.last_step)
    record.known("run.crashed", crashed, places=[place])
    record.known("run.killed", killed, places=[place])
    left = [mention.at for mention in console.unquantised]
    record.known("run.unquantised", len(left), places=left[:1] or [place])
    partial = [mention.at for mention in console.resumed_in_part]
    record.known("run.resumed_in_part", len(partial), places=partial[:1] or [place])
    lost = [mention.at for mention in console.skipped_steps]
    record.known("run.out_of_memory", len(lost), places=lost[:1])
    if not (crashed or killed):
        record.known("crash.kind", NONE, places=[place])
        record.known("run.ran_out_of", NOTHING, places=[place])
        return
    if crashed and last.error is not None:
        _record_error(last, config, ended, record)
    if ended is not None and ended.ends in {KindEnd.DIED, KindEnd.KILLED}:
        _record_kind(last, ended, config, place, record)


def _record_error(last: ConsoleSession, config: Config | None, ended: HowItEnded | None, record: Recorder) -> None:
    record.known(
        "run.crash_error", (last.error or "").rstrip(" ."), places=[last.place(last.error_line, step=last.last_step)]
    )
    if last.cause is not None:
        record.known("run.crash_cause", last.cause.strip("# "), places=[last.place(last.cause_line)])
    match = ended.match if ended is not None else None
    behind = _behind(match, config) if config is not None and match is not None else None
    if behind is not None:
        record.known("run.crash_setting", behind[0], places=[behind[1]])


def _record_kind(
    last: ConsoleSession, ended: HowItEnded, config: Config | None, place: Place, record: Recorder
) -> None:
    """Record what is known of the kind of crash, where it is recognised."""
    if ended.phase_says is not None:
        record.known("crash.phase", ended.phase_says, places=[place])
        record.known("crash.during", ended.phase or "", places=[place])
    if ended.match is None:
        record.known("crash.kind", OTHER, places=[place])
        record.known("run.ran_out_of", NOTHING, places=[place])
        return
    kind = ended.match.kind
    cause = ended.match.cause
    places = (place,) if cause is None else (last.place(cause.number), place)
    record.known("crash.kind", kind.id, places=places)
    record.known("crash.by_console_alone", config is None, places=places)
    record.known("crash.by_others", kind.by_others, places=places)
    record.known("crash.title", kind.title, places=places)
    record.known("crash.means", kind.means, places=places)
    record.known("crash.sure", ended.match.sure.value, places=places)
    record.known("run.ran_out_of", kind.runs_out_of.value if kind.runs_out_of is not None else NOTHING, places=places)
    if kind.runs_out_of is RunsOutOf.GRAPHICS_MEMORY:
        for name in _SIZES:
            if (size := _gigabytes(ended.match.values.get(name, ""))) is not None:
                record.known(f"crash.{name}", size, places=places)
    if ended.shown:
        record.known("crash.values", ", ".join(ended.shown), places=places)
    if kind.told_by:
        record.known("crash.told_by", ", ".join(kind.told_by), places=places)
    switched = {name: bool(config.flag(name, default=False).value) for name in kind.switches} if config else {}
    advice = ended.advice(switched)
    if advice:
        record.known("crash.advice", _numbered(advice), places=places)
    _record_versions(ended.versions, advice, places, record)


def _record_versions(
    versions: Sequence[HeldVersions], advice: Sequence[str], places: Sequence[Place], record: Recorder
) -> None:
    """Record which versions are known to fail so, which was read, and which to take instead."""
    if not versions:
        return
    record.known("crash.versions", "; ".join(each.known.words for each in versions), places=places)
    if read := [each for each in versions if each.read]:
        told = "; ".join(f"{each.read}, {each.fit.value}" for each in read)
        at = [place for each in read for place in each.places]
        note = "" if all(each.installed for each in read) else ASKED_FOR
        record.known("crash.version_read", told, places=at, note=note)
    possible = [each.known for each in versions if each.fit is not Fit.NONE_OF_THEM]
    ways = [each.way for each in possible if each.way is not None and not any(map(each.told_in, advice))]
    if ways:
        record.known("crash.back_to", "; ".join(dict.fromkeys(ways)), places=places)


def _numbered(advice: Sequence[str]) -> str:
    """Return what to do, numbered where it is more than one thing."""
    if len(advice) == 1:
        return advice[0]
    return "; ".join(f"{number}) {say}" for number, say in enumerate(advice, start=1))


def _gigabytes(size: str) -> float | None:
    """Return a size as torch writes it, in GB."""
    said = _SIZE.fullmatch(size)
    return float(said[1]) * _UNITS[said[2]] if said is not None else None


def _behind(match: Match, config: Config) -> tuple[str, Place] | None:
    """Return the key that a crash comes from, with its place; None where its kind points at none that is on."""
    for each in match.kind.behind:
        if each.entry is None:
            key = config.called(each.setting)
        elif each.entry in match.values:
            key = config.entry(each.setting, match.values[each.entry])
        else:
            continue
        setting = config.raw.setting(key)
        if setting.written and (setting.value or each.entry is not None):
            return key.rpartition(".")[2], setting.place
    return None

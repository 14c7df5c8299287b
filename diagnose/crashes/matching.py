"""Which kinds of crash a text of a console shows, and which of them it was.

What is trusted most comes first: that somebody stopped the run, that the system took the process, the errors of the
last traceback with what they followed from, then single lines that tell of an end by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from diagnose.core.values import Confidence
from diagnose.crashes.patterns import compiled
from diagnose.crashes.versions import HeldVersions, ReadVersions, held_versions, speak_against
from diagnose.rulebase.crash_kinds import CrashKind, KindEnd, Near
from diagnose.sources.console_text.end_region import EndText
from diagnose.sources.console_text.failure import Failure, Raised
from diagnose.sources.console_text.line import Line

AROUND = 40
"""Lines before an error, and at the end of the text, that are looked at beside it."""


_DEATHS = (KindEnd.STOPPED, KindEnd.KILLED, KindEnd.DIED)
"""The ends of a session, what is trusted most first."""


PICKED_OUT = 20
"""Last lines of a text that somebody picked out, which count although they are no error in form."""


class Match(Struct, frozen=True):
    """A kind, as a text shows it: the line of its words, how sure it is, the values, and what it followed from.

    `versions` are those that it is known of; `doubted`: what was read is none of them, though it should be one.
    """

    kind: CrashKind
    line: Line
    sure: Confidence
    values: Mapping[str, str]
    cause: Line | None = None
    versions: tuple[HeldVersions, ...] = ()
    doubted: bool = False


class Console(Struct, frozen=True):
    """A text that is searched, what failed in it, and what is known of it: whose it may be, the phase it ended in.

    `versions` are those that were read. `pasted`: it is no whole console but what somebody picked out, so that its last
    lines count without an error.
    """

    end: EndText
    failure: Failure | None
    trainers: Collection[str] = ()
    phase: str | None = None
    pasted: bool = False
    versions: ReadVersions = ReadVersions()


def best_match(console: Console, kinds: Iterable[CrashKind]) -> Match | None:
    """Return the kind that a text shows best; None where it shows none."""
    eligible = [
        kind
        for kind in kinds
        if kind.concerns(console.trainers)
        and (not kind.phases or console.phase is None or console.phase in kind.phases)
    ]
    deadly = console.end.deadly
    raised = console.failure.chain if console.failure is not None else ()
    for ends in (*_DEATHS, KindEnd.NONE) if console.pasted else _DEATHS:
        own = [kind for kind in eligible if kind.ends is ends]
        found = [match for error in raised for match in _of_error(own, error, console)]
        chosen = chosen_of(found) or chosen_of(_of_lines([kind for kind in own if kind.alone], deadly, console))
        if chosen is None and console.pasted:
            chosen = chosen_of(_of_lines(own, deadly[-PICKED_OUT:], console))
        if chosen is not None:
            return chosen
    return None


def chosen_of(matches: Iterable[Match]) -> Match | None:
    """Return the match that goes before the others, then the surest, then the first in the text.

    One that the versions speak against gives way to any other.
    """
    found = list(matches)
    found = [match for match in found if not match.doubted] or found
    behind = {name for match in found for name in match.kind.before}
    ahead = [match for match in found if match.kind.id not in behind] or found
    return min(ahead, key=lambda match: (match.sure.rank, match.line.number), default=None)


def _of_error(kinds: Sequence[CrashKind], error: Raised, console: Console) -> Iterator[Match]:
    """Yield each kind that an error is of."""
    text = error.text
    for kind in kinds:
        if signed(kind, text) and not any(compiled(each).search(text) for each in kind.excluded):
            match = _weighed(kind, error, console)
            if match is not None:
                yield match


def _of_lines(kinds: Sequence[CrashKind], lines: Sequence[Line], console: Console) -> Iterator[Match]:
    """Yield each kind that a line is of by itself, with its last such line.

    The indented lines of a console are texts of the user's, such as the config that the trainer prints.
    """
    lines = [line for line in lines if console.pasted or not line.text[:1].isspace()]
    text = "\n".join(line.text for line in lines)
    for kind in kinds:
        if signed(kind, text):
            own = (line for line in reversed(lines) if signed(kind, line.text))
            sound = (line for line in own if not any(compiled(each).search(line.text) for each in kind.excluded))
            for line in sound:
                match = _weighed(kind, Raised((line,)), console)
                if match is not None:
                    yield match
                    break


def signed(kind: CrashKind, text: str) -> bool:
    """Return whether a text has the words of a kind."""
    return any(compiled(each).search(text) for each in kind.signatures)


def _weighed(kind: CrashKind, error: Raised, console: Console) -> Match | None:
    """Return the match with what stands near it; None where something that it needs does not."""
    around = list(_around(error, console.end.lines))
    sure, cause = kind.sure, None
    values = _values(kind.signatures, error.text)
    for near in kind.near:
        found = _found(near, around)
        if found is None:
            if near.needs:
                return None
            continue
        line, groups = found
        values = {**groups, **values}
        if near.sure is not None and near.sure.rank < sure.rank:
            sure = near.sure
        if near.needs and line.number < (error.header or error.line):
            cause = line
    versions = held_versions(kind, error.whole, console.versions, console.trainers)
    doubted = speak_against(versions)
    for _ in range((bool(kind.phases) and console.phase is None) + doubted):
        sure = list(Confidence)[min(sure.rank + 1, len(Confidence) - 1)]
    said = next((line for line in error.message if signed(kind, line.text)), error.message[0])
    return Match(kind, said, sure, values, cause, versions, doubted)


def _around(error: Raised, lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the message, the frames, the lines before them and the last of the text: the nearest first."""
    yield from error.message
    yield from reversed(error.frames)
    first = error.header or error.line
    before = [line for line in lines if line.number < first]
    yield from reversed(before[-AROUND:])
    yield from lines[-AROUND:]


def _found(near: Near, lines: Iterable[Line]) -> tuple[Line, Mapping[str, str]] | None:
    pattern = compiled(near.pattern)
    for line in lines:
        if match := pattern.search(line.text):
            return line, _groups(match)
    return None


def _values(patterns: Iterable[str], text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in patterns:
        if compiled(each).groups and (match := compiled(each).search(text)):
            found = {**_groups(match), **found}
    return found


def _groups(match: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in match.groupdict().items() if value is not None}

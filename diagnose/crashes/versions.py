"""The versions that a kind of crash is known of, held against those that were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum

from msgspec import Struct

from diagnose.core.values import Place
from diagnose.crashes.patterns import compiled
from diagnose.rulebase.crash_kinds import CrashKind
from diagnose.rulebase.crash_versions import KindVersions
from diagnose.sources.environment.component import Component, is_component


class Fit(Enum):
    """How a version that was read goes with those that fail."""

    ONE_OF_THEM = "one of them"
    NONE_OF_THEM = "none of them, so it may be something else"
    UNKNOWN = "unknown"


class ReadVersions(Struct, frozen=True):
    """What was read of the software: the parts by name, a trainer by its own, and the day of the last thing written.

    A day decides one way only: nothing can have what was made later, but an old copy may run at any time.
    """

    parts: Mapping[str, Component] = {}
    day: date | None = None
    day_place: Place | None = None


NOTHING_READ = ReadVersions()


class HeldVersions(Struct, frozen=True):
    """Versions that fail, how what was read goes with them, and what was read, in words with its places."""

    known: KindVersions
    fit: Fit = Fit.UNKNOWN
    read: str = ""
    places: tuple[Place, ...] = ()
    installed: bool = True


def held_versions(
    kind: CrashKind, text: str, read: ReadVersions, trainers: Collection[str] = ()
) -> tuple[HeldVersions, ...]:
    """Return what is known of versions for a message, held against what was read; other trainers' are left out.

    Where nobody knows the trainer, a trainer's versions are told of a kind that only such trainers have.
    """
    own = trainers if len(trainers) == 1 else kind.trainers
    return tuple(
        _held(each, read)
        for each in kind.versions
        if (is_component(each.of) or each.of in own) and (each.where is None or compiled(each.where).search(text))
    )


def speak_against(held: Iterable[HeldVersions]) -> bool:
    """Return whether a kind is known of certain versions alone, and those that were read are none of them."""
    needed = [each.fit for each in held if each.known.needed]
    return bool(needed) and all(fit is Fit.NONE_OF_THEM for fit in needed)


def _held(known: KindVersions, read: ReadVersions) -> HeldVersions:
    if known.dated:
        return _held_by_day(known, read)
    ranges = (known.own, *known.beside)
    found = [(part, read.parts[part.of]) for part in ranges if part.of in read.parts]
    strange = [each for part, each in found if not part.holds(each.version)]
    if strange:
        return _told(known, Fit.NONE_OF_THEM, strange)
    if len(found) == len(ranges):
        return _told(known, Fit.ONE_OF_THEM, [each for _, each in found])
    return HeldVersions(known)


def _told(known: KindVersions, fit: Fit, parts: Sequence[Component]) -> HeldVersions:
    read = " with ".join(f"{part.name} {part.version} ({part.place})" for part in parts)
    return HeldVersions(known, fit, read, tuple(part.place for part in parts), all(part.installed for part in parts))


def _held_by_day(known: KindVersions, read: ReadVersions) -> HeldVersions:
    day = read.day
    if day is None or read.day_place is None:
        return HeldVersions(known)
    said = f"{known.of} of {day} or older ({read.day_place})"
    if known.since is not None and day < date.fromisoformat(known.since):
        return HeldVersions(known, Fit.NONE_OF_THEM, said, (read.day_place,))
    if known.since is None and known.before is not None and day < date.fromisoformat(known.before):
        return HeldVersions(known, Fit.ONE_OF_THEM, said, (read.day_place,))
    return HeldVersions(known)

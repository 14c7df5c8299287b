"""Versions in which a kind of crash is known to happen, and those that are known to be free of it."""

import re

from msgspec import Struct

from diagnose.rulebase.environments import PartRange

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class KindVersions(Struct, frozen=True):
    """Versions of a package or a trainer that fail so: from one on, before another, or both; a trainer's may be days.

    Attributes:
        say: what they do, and what ended it.
        back_to: the version that is known to have worked before.
        beside: the fault needs these versions of other packages, too.
        where: only where the message holds this.
        needed: the kind is known of these versions alone, so that another one speaks against it.
    """

    of: str
    say: str
    source: str
    since: str | None = None
    before: str | None = None
    back_to: str | None = None
    beside: tuple[PartRange, ...] = ()
    where: str | None = None
    needed: bool = False

    @property
    def dated(self) -> bool:
        """Whether it counts days, not version numbers."""
        return _DAY.fullmatch(self.since or self.before or "") is not None

    @property
    def own(self) -> PartRange:
        """The versions themselves."""
        return PartRange(self.of, since=self.since, before=self.before)

    @property
    def named(self) -> str:
        """The versions in words, with those of the packages beside."""
        beside = "".join(f" with {part.words}" for part in self.beside if part.like is None)
        return f"{self.own.words}{beside}"

    @property
    def way(self) -> str | None:
        """Which version to take instead; None where no source knows one."""
        back = f"go back to {self.of} {self.back_to}" if self.back_to is not None else None
        if self.before is None:
            return back
        on = f"{self.before} or later"
        if back is not None:
            return f"{back}, or take {on}"
        return f"take {self.of} {'of ' if self.dated else ''}{on}"

    def told_in(self, advice: str) -> bool:
        """Return whether an advice already names the version to take."""
        return any(version in advice for version in (self.back_to, self.before) if version is not None)

    @property
    def words(self) -> str:
        """The versions, what is known of them, and which to take instead."""
        way = f"; {self.way}" if self.way is not None else ""
        return f"{self.named}: {self.say}{way}"

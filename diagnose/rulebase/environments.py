"""Versions of packages that do not go together: what `knowledge/environments.yaml` says of each combination."""

import re
from collections.abc import Mapping

from msgspec import Struct

ENVIRONMENTS = "environments.yaml"
_NUMBER = re.compile(r"\d{1,9}")


class PartRange(Struct, frozen=True):
    """Which versions of a part belong to a combination: from one on, before another, or named like this."""

    of: str
    since: str | None = None
    before: str | None = None
    like: str | None = None

    @property
    def words(self) -> str:
        """The part with its versions."""
        since = f" from {self.since}" if self.since is not None else ""
        before = f" before {self.before}" if self.before is not None else ""
        return f"{self.of}{since}{before}"

    def holds(self, version: str) -> bool:
        """Return whether a version is one of them."""
        if self.like is not None:
            return re.search(self.like, version) is not None
        own = numbers(version)
        return (self.since is None or own >= numbers(self.since)) and (
            self.before is None or own < numbers(self.before)
        )


class BadCombination(Struct, frozen=True):
    """Parts that do not go together.

    `says` what happens, `do` how to mend it; `back_to` names the version that worked, where a source knows one.
    """

    id: str
    says: str
    parts: tuple[PartRange, ...]
    do: str
    back_to: str | None = None

    def is_here(self, versions: Mapping[str, str]) -> bool | None:
        """Return whether its parts are here in these versions; None where one that decides is unknown."""
        if any(part.of in versions and not part.holds(versions[part.of]) for part in self.parts):
            return False
        return True if all(part.of in versions for part in self.parts) else None


def numbers(version: str) -> tuple[int, ...]:
    """Return the release numbers of a version, three at least: 2.9.1+cu128 is (2, 9, 1)."""
    found = [int(each) for each in _NUMBER.findall(version.partition("+")[0])[:4]]
    return tuple([*found, 0, 0, 0][: max(3, len(found))])

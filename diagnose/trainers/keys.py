"""What the trainer models say of single keys of a config: what a key takes, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagnose.core.values import Scalar


def matches(pattern: str, name: str) -> bool:
    """Return whether a name is the pattern, or begins with it where the pattern ends in "*"."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


class _OfKey(Struct, frozen=True, kw_only=True):
    """Something about one key. `path` may hold "[]" for any list item, as may the paths of `when`.

    `when` maps settings, as written or by default, to the values they must have; false stands for absent as well.
    """

    path: str
    source: str
    when: Mapping[str, Scalar] = {}


class IgnoredKey(_OfKey, frozen=True):
    """A key that is read and has no effect on a two-expert model, or `everywhere` on any.

    `idle`: the trainer's own interface writes it into every config, so nobody meant anything by it.
    """

    why: str
    idle: bool = False
    everywhere: bool = False


class RefusedKey(_OfKey, frozen=True):
    """A key that stops the trainer where it is set to something true."""

    why: str


class Choice(_OfKey, frozen=True):
    """The values a key may have, in lower case; "*" at the end stands for any ending. Another stops the trainer."""

    values: tuple[str, ...]

    def allows(self, value: str) -> bool:
        """Return whether the trainer takes the value."""
        return any(matches(each, value.lower()) for each in self.values)


class KeyType(_OfKey, frozen=True):
    """What the trainer takes for a key, and when it stops at anything else.

    Attributes:
        takes: one or more of whole, number, text, switch, section, list. A switch takes anything, and text is on.
        stops: when the run ends, in words; "at its first preview" is worked out.
        nullable: a null does no harm.
        two_experts: read for a two-expert model only.
    """

    takes: tuple[str, ...]
    stops: str = ""
    nullable: bool = False
    two_experts: bool = False


class Unseen(_OfKey, frozen=True):
    """A value that the trainer takes and understands as nobody means it.

    `values` are those values ("null" stands for null); or `ge` is the least number that is one, or `kind` what kind
    it is (as in `KeyType.takes`). `grave`: the LoRA learns nothing good with it.
    """

    why: str
    values: tuple[Scalar, ...] = ()
    ge: float | None = None
    kind: str | None = None
    grave: bool = False

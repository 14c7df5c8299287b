"""Faults of rule and knowledge files: collected with their place, and raised together.

Nothing here judges a file; `yaml_places`, the shapes and the lints do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

from diagnose.core.errors import DiagnoseError

KeyPath: TypeAlias = "tuple[str | int, ...]"
"""The place of a part within a file: ("when", 0, "fact")."""


class Fault(Struct, frozen=True, order=True):
    """Something wrong in a file. `line` is 1-based; text says what is wrong and, where it can, what to write."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


_LONGEST = 60
"""Characters of a text or key from a file that a line bears."""


def quoted(text: str) -> str:
    """Return a text from a file in quotes, cut to what a line bears."""
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def error_of(faults: Iterable[Fault]) -> DiagnoseError:
    """Return one error for all faults: a summary line, then one line each, by file and line."""
    listed = sorted(set(faults))
    noun = "fault" if len(listed) == 1 else "faults"
    return DiagnoseError("\n".join([f"the rule base cannot be used: {len(listed)} {noun}", *map(str, listed)]))


def dotted(path: KeyPath) -> str:
    """Return a path as people write it: when[0].fact."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in path).removeprefix(".")

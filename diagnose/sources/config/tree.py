"""A config's text as a tree of spans: what stands where, before anything is made of it.

YAML and JSON both become this tree. Readers take values and lines from it, the editor takes spans; nobody else
needs to know which notation a config was written in. All offsets count characters of `Document.text`.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Scalar

MAX_NODES = 20_000
"""Most values a config may have once aliases are written out; a real one has a few hundred."""
MAX_DEPTH = 64
"""Deepest nesting that is read; a real config needs about ten levels."""

_LINE_END = re.compile(r"\r\n?|\n")
_COLON = re.compile(r"\s*:")


class Kind(Enum):
    """What a node is."""

    SCALAR = "scalar"
    MAPPING = "mapping"
    SEQUENCE = "sequence"


class Node(Struct, frozen=True):
    """A value, a key or a collection and the span it takes.

    Attributes:
        start: first character, behind an anchor.
        end: behind the last character of content; comments and blank lines that follow are not part of it.
        value: what the trainer reads, for a scalar.
        note: what the reader of the scalar or the tag had to say about it.
        style: how a scalar is written: "" (plain), ', ", | or >.
        flow: a collection in brackets.
        merge: the key `<<`.
        anchor: the name of the anchor here.
        alias: an alias stands here; the content is the anchor's, start and end are the alias's own.
        size: nodes below and including this one, aliases written out.
        height: levels below and including this one.
    """

    kind: Kind
    start: int
    end: int
    value: Scalar | None = None
    note: str = ""
    style: str = ""
    flow: bool = False
    merge: bool = False
    entries: tuple[Entry, ...] = ()
    anchor: str | None = None
    alias: bool = False
    size: int = 1
    height: int = 1

    @property
    def empty(self) -> bool:
        """Whether nothing is written here: the value of `key:` with nothing behind it."""
        return self.start == self.end

    def effective(self) -> Iterator[Entry]:
        """Yield a mapping's entries with `<<` written out: merged ones first, so that later ones win."""
        for entry in self.entries:
            if entry.key is not None and entry.key.merge:
                value = entry.value
                # of a list of mappings the first one wins
                merged = [each.value for each in reversed(value.entries)] if value.kind is Kind.SEQUENCE else [value]
                for source in merged:
                    yield from source.effective() if source.kind is Kind.MAPPING else ()
        for entry in self.entries:
            if entry.key is None or not entry.key.merge:
                yield entry


class Entry(Struct, frozen=True):
    """A key with its value, or a list item (no key)."""

    key: Node | None
    value: Node

    @property
    def name(self) -> str:
        """The key as the trainer ends up with it: it passes its config through JSON, where every key is text."""
        key = "" if self.key is None else self.key.value
        return key if isinstance(key, str) else json.dumps(key)

    @property
    def head(self) -> Node:
        """Where the entry begins: its key, or the list item itself."""
        return self.value if self.key is None else self.key


class Document(Struct, frozen=True):
    """A parsed text. `root` is None for an empty one; `aliased` holds the anchors that an alias repeats."""

    text: str
    root: Node | None
    aliased: frozenset[str] = frozenset()


class Lines:
    """The 1-based line of an offset, counted as an editor counts."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def line(self, offset: int) -> int:
        """Return the line that holds the character at `offset`."""
        return bisect.bisect_right(self._starts, offset)

    def column(self, offset: int) -> int:
        """Return the 1-based column of the character at `offset`."""
        return offset - self._starts[self.line(offset) - 1] + 1


class Budget:
    """Counts nodes and levels while a tree is built."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._left = MAX_NODES

    def spend(self, offset: int, depth: int, size: int = 1) -> None:
        """Count `size` nodes whose deepest stands at `depth`.

        Raises:
            DiagnoseError: the document is too large or too deep to be a training config.
        """
        self._left -= size
        if self._left < 0 or depth > MAX_DEPTH:
            limit = f"{MAX_NODES} values" if self._left < 0 else f"{MAX_DEPTH} levels of nesting"
            line = self._lines.line(offset)
            raise DiagnoseError(f"line {line}: more than {limit}, aliases written out; give a training config")


def without_blank_lines(text: str, start: int, end: int) -> int:
    """Return `end` moved back over line ends and blank lines, but not past `start`."""
    content = start + len(text[start:end].rstrip(" \t\r\n"))
    found = _LINE_END.search(text, content, end)
    return end if found is None else found.start()


def after_colon(text: str, key: Node) -> int | None:
    """Return the offset behind the colon of a key, or None where it has none."""
    found = _COLON.match(text, key.end)
    return None if found is None else found.end()

"""From text to what the trainer gets: the data, the line of every key, and what was odd on the way."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Place, Remark
from diagnose.sources.config.dotted import join
from diagnose.sources.config.json_tree import parse_json
from diagnose.sources.config.tree import Document, Entry, Kind, Lines, Node
from diagnose.sources.config.yaml_tree import parse_yaml

BOM = "\ufeff"
JSON_ENDINGS = (".json", ".jsonc")
MAX_CHARACTERS = 1 << 25
"""Most characters of text and paths with aliases written out; a real config comes to some 10,000."""


class Content(Struct, frozen=True):
    """Data (dict, list, scalars) and the line of every path in it."""

    data: Any
    lines: dict[str, int]
    remarks: tuple[Remark, ...]


def read_text(path: Path, file: str, what: str, *, limit: int) -> str:
    """Return the text of a file that should be `what`, with a byte order mark if it has one; errors call it `file`.

    Raises:
        DiagnoseError: no such file, over `limit` bytes, not UTF-8, or it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise DiagnoseError(f"{file}: no such file; give the path of {what}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DiagnoseError(f"{file}: cannot be read ({reason}); check the path and its permissions") from error
    if len(raw) > limit:
        raise DiagnoseError(f"{file}: larger than {limit // 1024} kB; give {what}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DiagnoseError(f"{file}, line {line}: not UTF-8; save the file as UTF-8") from error


def read_content(document: Document, file: str, lines: Lines) -> Content:
    """Return what a document says. `file` is the name that remarks show.

    Raises:
        DiagnoseError: aliases or long keys would make it too large.
    """
    if document.root is None:
        return Content(None, {}, ())
    reader = _Reader(file, lines)
    data = reader.value(document.root, "")
    return Content(data, reader.lines, tuple(reader.remarks.values()))


class _Reader:
    """Collects lines and remarks while the data is built."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.lines: dict[str, int] = {}
        self.remarks: dict[tuple[int, str], Remark] = {}
        self._room = MAX_CHARACTERS
        self._file = file
        self._lines = lines

    def value(self, node: Node, path: str) -> Any:  # noqa: ANN401 (a config holds anything)
        """Return the data of a node."""
        if node.note:
            self._remark(node, path, node.note)
        if node.kind is Kind.SCALAR:
            self._spend(len(node.value) if isinstance(node.value, str) else 0, node)
            return node.value
        if node.kind is Kind.SEQUENCE:
            return [self._child(entry, join(path, position)) for position, entry in enumerate(node.entries)]
        self._check_keys(node, path)
        last = {entry.name: entry for entry in node.effective()}
        return {name: self._child(entry, join(path, name)) for name, entry in last.items()}

    def _child(self, entry: Entry, path: str) -> Any:  # noqa: ANN401 (a config holds anything)
        self._spend(len(path), entry.head)
        self.lines[path] = self._lines.line(entry.head.start)
        return self.value(entry.value, path)

    def _spend(self, characters: int, at: Node) -> None:
        self._room -= characters
        if self._room < 0:
            line = self._lines.line(at.start)
            raise DiagnoseError(f"line {line}: too much text, aliases written out; give a training config")

    def _check_keys(self, mapping: Node, path: str) -> None:
        """Remark keys that are written twice, that are not text, and merges of what cannot be merged."""
        seen: dict[str, Node] = {}
        for entry in mapping.entries:
            key, name = entry.key, entry.name
            if key is None:
                continue
            if key.merge:
                value = entry.value
                merged = [item.value for item in value.entries] if value.kind is Kind.SEQUENCE else [value]
                if any(source.kind is not Kind.MAPPING for source in merged):
                    self._remark(key, path, "<< can merge mappings only; the trainer stops here")
                continue
            if name in seen:
                first = self._lines.line(seen[name].start)
                self._remark(key, join(path, name), f"this key is also on line {first}; the last one counts")
            seen.setdefault(name, key)
            if not isinstance(key.value, str):
                self._remark(key, join(path, name), f"this key is read as {name}; quote it if it is a word")
            elif key.note and key.value != "=":
                self._remark(key, join(path, name), key.note)

    def _remark(self, at: Node, path: str, text: str) -> None:
        place = Place(self._file, self._lines.line(at.start), path or None)
        self.remarks.setdefault((at.start, text), Remark(place, text))


def is_json(name: str) -> bool:
    """Return whether the trainer reads a file of this name as JSON."""
    return name.endswith(JSON_ENDINGS)


@lru_cache(maxsize=2)
def parse(text: str, *, json: bool) -> Document:
    """Take a config's text, without its byte order mark, apart. A text that is read and then edited is parsed once.

    Raises:
        DiagnoseError: a syntax error, too large, or too deep.
    """
    return parse_json(text) if json else parse_yaml(text)

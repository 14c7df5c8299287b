"""JSON text to a tree of spans.

The trainer reads .json and .jsonc alike, with Python's strict reader: no comments, no trailing commas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.scalars import MAX_NUMBER, read_scalar
from diagnose.sources.config.tree import Budget, Document, Entry, Kind, Lines, Node

_TOKEN = re.compile(r'[ \t\n\r:,]*("[^"\\]*(?:\\.[^"\\]*)*"|[^\s"{}\[\]:,]+|[{}\[\]])', re.DOTALL)


def parse_json(text: str) -> Document:
    """Take a JSON text apart.

    Raises:
        DiagnoseError: not JSON to the trainer, or too large or too deep.
    """
    lines = Lines(text)
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise DiagnoseError(_syntax_error(text, lines, error)) from error
    except RecursionError as error:
        raise DiagnoseError("line 1: nested too deep for a training config; give a training config") from error
    builder = _Builder(text, Budget(lines))
    return Document(text, builder.node(next(builder.tokens), 1))


class _Builder:
    """Builds the tree from the tokens of a text that is known to be JSON."""

    def __init__(self, text: str, budget: Budget) -> None:
        self.tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self._budget = budget

    def node(self, token: re.Match[str], depth: int) -> Node:
        """Return the value that begins with `token`."""
        self._budget.spend(token.start(1), depth)
        if token[1] == "{":
            return self._collection(Kind.MAPPING, token, depth)
        if token[1] == "[":
            return self._collection(Kind.SEQUENCE, token, depth)
        return _scalar(token)

    def _collection(self, kind: Kind, opening: re.Match[str], depth: int) -> Node:
        entries: list[Entry] = []
        while (token := next(self.tokens))[1] not in {"}", "]"}:
            key = None
            if kind is Kind.MAPPING:
                key, token = self.node(token, depth + 1), next(self.tokens)
            entries.append(Entry(key, self.node(token, depth + 1)))
        return Node(kind, opening.start(1), token.end(1), flow=True, entries=tuple(entries))


def _scalar(token: re.Match[str]) -> Node:
    text, start, end = token[1], token.start(1), token.end(1)
    if text.startswith('"'):
        value, note = read_scalar(json.loads(text), None, plain=False)
        return Node(Kind.SCALAR, start, end, value=value, note=note, style='"')
    if len(text) > MAX_NUMBER:
        return Node(Kind.SCALAR, start, end, value=text, note=f"a number of {len(text)} digits; taken as text")
    return Node(Kind.SCALAR, start, end, value=json.loads(text))


def _syntax_error(text: str, lines: Lines, error: json.JSONDecodeError) -> str:
    line, column = lines.line(error.pos), lines.column(error.pos)
    rest = text[error.pos : error.pos + 2]
    if rest == "${":
        hint = "put the placeholder in quotes, or write the value"
    elif rest in {"//", "/*"}:
        hint = "the trainer's JSON reader takes no comments; remove it or use YAML"
    else:
        hint = "correct it there"
    return f"line {line}, column {column}: not JSON: {error.msg}; {hint}"

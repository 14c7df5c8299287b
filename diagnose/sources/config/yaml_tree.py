"""YAML text to a tree of spans, exactly as the trainers' loader takes it apart.

Their loader is PyYAML's own parser. libyaml is fifteen times faster and agrees with it on everything but what
`_DOUBTFUL` finds (750,000 mutated configs, parsed by both); that, and whatever libyaml refuses, goes to PyYAML's.
No value is built from a tag, and aliases are counted before they are followed.

The trainer fills in ${NAME} before it parses, from an environment we are not in. Here such placeholders stay as text:
while a text is parsed two private characters stand in for their braces, and every offset keeps its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import yaml
from msgspec.structs import replace
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
)

from diagnose.core.errors import DiagnoseError
from diagnose.sources.config.scalars import MERGE, PREFIX, read_scalar, scalar_tag, shortened, unknown_tag
from diagnose.sources.config.tree import Budget, Document, Entry, Kind, Lines, Node, after_colon, without_blank_lines

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"


class Shield:
    """A text whose placeholders a YAML parser can pass over.

    A text that already holds one of the private characters is left as it is.
    """

    def __init__(self, text: str) -> None:
        self._active = "${" in text and _OPEN not in text and _CLOSE not in text
        end = _last_brace(text) if self._active else 0
        self.text = _PLACEHOLDER.sub(rf"${_OPEN}\1{_CLOSE}", text[:end]) + text[end:]

    def restore(self, value: str) -> str:
        """Return a parsed piece of the text as it was written."""
        return value.replace(_OPEN, "{").replace(_CLOSE, "}") if self._active else value


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the name of every placeholder, comments included, as the trainer would fill it in."""
    for found in _PLACEHOLDER.finditer(text, 0, _last_brace(text)):
        yield found.start(), found[1]


def _last_brace(text: str) -> int:
    """Return where the last brace ends: a "${" after it has no end, and to look for one takes time."""
    return text.rfind("}") + 1


_PythonParser: Any = yaml.SafeLoader
_FastParser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SPELLINGS = r"(?m:^%)|(?:^|[\s\[{,:-])!|[|>][-+0-9]*#"
_DOUBTFUL = re.compile(rf"[^\n\r\x20-\x7e]|{_SPELLINGS}")


@cache
def _doubtful_beyond_ascii() -> re.Pattern[str]:
    """Return what is doubtful in a text of any characters; most configs have no such text, and it takes 5 ms."""
    fine = r"\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
    return re.compile(rf"[^{fine}]|{_SPELLINGS}")


_ANCHOR = re.compile(r"&\S+\s*")
MAX_PROBLEM = 120
"""Most characters of PyYAML's words in an error: it quotes from the file."""
_COLLECTION_TAGS = {Kind.MAPPING: PREFIX + "map", Kind.SEQUENCE: PREFIX + "seq"}


def parse_yaml(text: str) -> Document:
    """Take one YAML document apart.

    Raises:
        DiagnoseError: not YAML to the trainer, or too large, too deep, or containing itself.
    """
    shield = Shield(text)
    lines = Lines(text)
    try:
        doubtful = _DOUBTFUL if shield.text.isascii() else _doubtful_beyond_ascii()
        if not doubtful.search(shield.text):
            document = _Builder(text, shield, lines, _FastParser(shield.text)).document()
            if "?" not in text or document.root is None or not _asks_in_brackets(text, document.root):
                return document
    except yaml.YAMLError:
        pass  # PyYAML's own parser decides, and words the error
    try:
        return _Builder(text, shield, lines, _PythonParser(shield.text)).document()
    except yaml.YAMLError as error:
        raise DiagnoseError(_syntax_error(lines, error)) from error


def _asks_in_brackets(text: str, node: Node) -> bool:
    """Whether a question mark stands within brackets, where PyYAML ends a word at it and libyaml does not."""
    if node.flow:
        return "?" in text[node.start : node.end]
    return any(_asks_in_brackets(text, entry.value) for entry in node.entries if not entry.value.alias)


class _Builder:
    """Builds the tree from a parser's events."""

    def __init__(self, text: str, shield: Shield, lines: Lines, parser: Any) -> None:  # noqa: ANN401 (untyped API)
        self._text = text
        self._shield = shield
        self._lines = lines
        self._budget = Budget(lines)
        self._next: Callable[[], Event] = parser.get_event
        self._anchors: dict[str, Node | None] = {}
        self._aliased: set[str] = set()

    def document(self) -> Document:
        """Return the only document."""
        self._next()  # stream start
        if isinstance(self._next(), StreamEndEvent):
            return Document(self._text, None)
        root = self._node(self._next(), 1)
        self._next()  # document end
        after = self._next()
        if not isinstance(after, StreamEndEvent):
            raise self._refuse(after, "a second document begins; keep one per file")
        return Document(self._text, root, frozenset(self._aliased))

    def _node(self, event: Event, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        self._budget.spend(_start(event), depth)
        anchor = event.anchor if isinstance(event, NodeEvent) else None
        if anchor is not None:
            if anchor in self._anchors:
                raise self._refuse(event, f"the anchor &{shortened(anchor)} is there already; give it another name")
            self._anchors[anchor] = None
        node = self._scalar(event) if isinstance(event, ScalarEvent) else self._collection(event, depth)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, event: AliasEvent, depth: int) -> Node:
        name = str(event.anchor)
        if name not in self._anchors:
            raise self._refuse(event, f"nothing is anchored as &{shortened(name)}; write the value out")
        target = self._anchors[name]
        if target is None:
            raise self._refuse(event, f"&{shortened(name)} contains itself; write the value out")
        self._budget.spend(_start(event), depth + target.height - 1, target.size)
        self._aliased.add(name)
        return replace(target, start=_start(event), end=_end(event), alias=True)

    def _scalar(self, event: ScalarEvent) -> Node:
        style = event.style or ""
        text = self._shield.restore(event.value)
        value, note = read_scalar(text, event.tag, plain=not style)
        merge = scalar_tag(text, event.tag, plain=not style) == MERGE
        start, end = self._core(event), _end(event)
        if style in ("|", ">") and "+" not in self._text[start:end].split("\n", 1)[0].split("#", 1)[0]:
            end = without_blank_lines(self._text, start, end)  # they count only under `+`
        return Node(Kind.SCALAR, start, end, value=value, note=note, style=style, merge=merge, anchor=event.anchor)

    def _collection(self, event: Any, depth: int) -> Node:  # noqa: ANN401 (either start event)
        mapping = isinstance(event, MappingStartEvent)
        kind = Kind.MAPPING if mapping else Kind.SEQUENCE
        entries = tuple(self._entries(depth, mapping=mapping))
        end = _end(self._last) if event.flow_style else entries[-1].value.end
        return Node(
            kind,
            self._core(event),
            end,
            note="" if event.tag in (None, "!", _COLLECTION_TAGS[kind]) else unknown_tag(event.tag),
            flow=bool(event.flow_style),
            entries=entries,
            anchor=event.anchor,
            size=1 + sum(entry.value.size + 1 for entry in entries),
            height=1 + max((entry.value.height for entry in entries), default=0),
        )

    def _entries(self, depth: int, *, mapping: bool) -> Iterator[Entry]:
        while not isinstance(event := self._next(), CollectionEndEvent):
            node = self._node(event, depth + 1)
            if not mapping:
                yield Entry(None, node)
                continue
            if node.kind is not Kind.SCALAR:
                raise self._refuse(event, "a list or mapping where a key should be; put text in quotes")
            value = self._node(self._next(), depth + 1)
            if value.empty and value.anchor is None:
                # Right behind its colon, or its key if there is none: parsers differ.
                behind = after_colon(self._text, node) or node.end
                value = replace(value, start=behind, end=behind)
            yield Entry(node, value)
        self._last = event

    def _core(self, event: Event) -> int:
        """Return where a node starts behind its anchor; a tag belongs to the node."""
        found = _ANCHOR.match(self._text, _start(event), _end(event))
        return _start(event) if found is None else found.end()

    def _refuse(self, event: Event, text: str) -> DiagnoseError:
        return DiagnoseError(f"line {self._lines.line(_start(event))}: {text}")


def _start(event: Event) -> int:
    mark: Any = event.start_mark
    return int(mark.index)


def _end(event: Event) -> int:
    mark: Any = event.end_mark
    return int(mark.index)


def _syntax_error(lines: Lines, error: yaml.YAMLError) -> str:
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    offset = mark.index if mark is not None else getattr(error, "position", 0)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    hint = " (a tab; use spaces)" if "'\\t'" in problem else ""
    place = f"line {lines.line(offset)}, column {lines.column(offset)}"
    return f"{place}: not YAML: {problem[:MAX_PROBLEM]}{hint}; correct it there"

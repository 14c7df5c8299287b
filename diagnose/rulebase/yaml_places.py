"""Strict YAML with the line of every key: only spellings that every YAML reader reads alike are accepted.

Values and lines come from one pass over the parser's events. No tags, anchors, merge keys or second documents, so
a file can neither build objects nor grow; what is ambiguous is a fault with its line, not a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import yaml
from msgspec import Struct
from yaml.events import (
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from yaml.resolver import Resolver

from diagnose.rulebase.faults import Fault, KeyPath, dotted, quoted

Plain: TypeAlias = "bool | int | float | str | None"

MAX_DIGITS = 20
"""More digits than any whole number that a double holds exactly."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_WORDS: Mapping[str, Plain] = {"true": True, "false": False, "null": None, "": None}
_STARTS = frozenset("+-.0123456789~=<yYnNtTfFoOiI")  # of everything some reader takes for other than text
_READINGS: Mapping[str, Plain] = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def read_plain(text: str) -> tuple[Plain, str | None]:
    """Return the value of an unquoted scalar, and what is wrong with its spelling or None.

    A value comes with a complaint too, the likeliest one, so that one slip is not reported twice.
    """
    if text and text[0] not in _STARTS:
        return text, None
    if text in _WORDS:
        return _WORDS[text], None
    if _INTEGER.fullmatch(text):
        return (int(text), None) if len(text) <= MAX_DIGITS else (0, "the number has too many digits")
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return (number, None) if math.isfinite(number) else (0.0, f"{text:.60} is too large for a number")
    return _doubtful(text)


def _doubtful(text: str) -> tuple[Plain, str | None]:
    """Text, unless some YAML reader or some human would take it for something else."""
    number = None
    with suppress(ValueError):
        number = float(text)
    if number is not None and math.isfinite(number):
        instead = f"write {spelled(number)} (or quote it for text)"
        return number, f"{text:.60} is not a number to every YAML reader: {instead}"
    # what PyYAML would read, by YAML 1.1: bool, int, float, null, timestamp, merge, value; None for text
    resolvers = Resolver.yaml_implicit_resolvers.get(text[:1], ())
    tag = next((str(tag).rpartition(":")[2] for tag, pattern in resolvers if pattern.match(text)), None)
    if tag == "bool":
        word = _READINGS[text.lower()]
        instead = f"write {str(word).lower()} (or quote it for text)"
        return word, f"{text} is not a truth value to every YAML reader: {instead}"
    if tag is not None or number is not None:
        return text, f"{text:.60} is not plain text to every YAML reader: quote it"
    return text, None


def spelled(number: float) -> str:
    """Return a spelling that every YAML reader takes for this number: 5.0e-06, never 5e-06."""
    text = repr(number)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text


MAX_FAULTS = 50
"""So many in one file say enough."""
MAX_DEPTH = 16
"""Deepest nesting that is read; a rule needs seven levels."""

# The pure-Python parser serves where PyYAML was built without libyaml; it is about eight times slower.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What an escape can bring into a quoted text, and the engine cannot carry; half a character among it."""


class Document(Struct, frozen=True):
    """A parsed file, with the faults that were noted in it.

    `data` is None where the file cannot be read to its end. `lines` maps a path such as ("when", 0, "fact") to the
    1-based line of that key or item.
    """

    file: str
    data: Any
    lines: Mapping[KeyPath, int]
    faults: list[Fault]

    def fault(self, path: KeyPath, text: str) -> Fault:
        """Return a fault of the part at `path`, at its line or at that of its nearest ancestor that the file has."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Fault(self.file, self.lines.get(known, 1), f"{dotted(path)}: {text}" if path else text)

    def note(self, path: KeyPath, text: str) -> None:
        """Note what is wrong with the part at `path`."""
        self.faults.append(self.fault(path, text))


def parse(file: str, text: str) -> Document:
    """Parse one YAML document whose top is a mapping; `file` is the name that faults carry."""
    reader = _Reader(file)
    data = None
    try:
        data = reader.read(text)
    except _UnreadableError as problem:
        reader.faults.append(problem.args[0])
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        problem_text = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        reader.faults.append(Fault(file, mark.line + 1 if mark is not None else 1, f"not YAML: {problem_text}"))
    return Document(file, data, reader.lines, reader.faults)


class _UnreadableError(Exception):
    """Reading on would make no sense; its argument is the fault."""


class _Reader:
    """Builds values and lines from events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._next: Callable[[], Event]

    def read(self, text: str) -> dict[str, Any]:
        parser = _Parser(text)
        self._next = parser.get_event
        self._next()  # stream start
        event = self._next()
        if isinstance(event, StreamEndEvent):
            raise _UnreadableError(Fault(self.file, 1, "the file is empty"))
        event = self._next()
        if not isinstance(event, MappingStartEvent):
            raise self._stop(event, "the file must be a mapping of keys to values")
        data = self._mapping((), event)
        self._next()  # document end
        event = self._next()
        if not isinstance(event, StreamEndEvent):
            raise self._stop(event, "one document per file: remove what follows the first")
        return data

    def _value(self, path: KeyPath, event: Event) -> object:
        if isinstance(event, ScalarEvent):
            return self._scalar(path, event)
        if not isinstance(event, CollectionStartEvent):
            raise self._stop(event, f"{dotted(path)}: aliases (*name) are not accepted; write the value out")
        if len(path) >= MAX_DEPTH:
            raise self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
        return self._mapping(path, event) if isinstance(event, MappingStartEvent) else self._sequence(path, event)

    def _mapping(self, path: KeyPath, start: CollectionStartEvent) -> dict[str, Any]:
        self._refuse_tag(path, start)
        result: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._key(path, event)
            place = (*path, key)
            if key in result:
                self._note(event, f"duplicate key {dotted(place)}: it is already at line {self.lines[place]}")
            self.lines[place] = _line(event)
            result[key] = self._value(place, self._next())
        return result

    def _sequence(self, path: KeyPath, start: CollectionStartEvent) -> list[Any]:
        self._refuse_tag(path, start)
        result: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            place = (*path, len(result))
            self.lines[place] = _line(event)
            result.append(self._value(place, event))
        return result

    def _key(self, path: KeyPath, event: Event) -> str:
        if not isinstance(event, ScalarEvent):
            raise self._stop(event, "a key must be text")
        text: str = event.value
        if read_plain(text) != (text, None) if event.implicit[0] else _UNWANTED.search(text):
            raise self._stop(event, f"{quoted(text)}: a key must be text; quote it if it is meant")
        self._refuse_tag(path, event)
        return text

    def _scalar(self, path: KeyPath, event: ScalarEvent) -> object:
        self._refuse_tag(path, event)
        text: str = event.value
        if event.implicit[0]:
            value, complaint = read_plain(text)
        else:
            value, complaint = text, "control characters are not accepted" if _UNWANTED.search(text) else None
        if complaint:
            self._note(event, f"{dotted(path)}: {complaint}")
        return value

    def _refuse_tag(self, path: KeyPath, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None or event.anchor is not None:
            mark = f"anchor &{event.anchor}" if event.tag is None else f"tag {event.tag}"
            self._note(event, f"{dotted(path) or 'the file'}: {mark} is not accepted; write plain values")

    def _note(self, event: Event, text: str) -> None:
        if len(self.faults) >= MAX_FAULTS:
            raise self._stop(event, f"more than {MAX_FAULTS} faults; the rest of the file was not read")
        self.faults.append(Fault(self.file, _line(event), text))

    def _stop(self, event: Event, text: str) -> _UnreadableError:
        return _UnreadableError(Fault(self.file, _line(event), text))


def _line(event: Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1

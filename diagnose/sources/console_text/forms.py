"""What terminals, containers, launchers and bars do to a line of a console, undone.

A line can carry a time stamp, colours, the rank of its process, and a bar that was not ended before it. Where a
program writes standard error to two places, which are one in the end, each piece that it writes is there twice:
`ValueErrorValueError: : no roomno room`. Until July 2026 `run.py --log` of ai-toolkit did so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from diagnose.sources.console_text.line import Line

_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)(?: |$)")
"""Before every line of `docker logs -t` and `kubectl logs --timestamps`."""
_RANK = re.compile(rb"\[rank\d+\]:(?:\[[EW]\d+[^\]]*\])? ?")
_SPECIAL = frozenset([b"[", *(b"%d" % digit for digit in range(10))])
_MOVE = re.compile(rb"\x1b\[\d*[A-H]")
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


def plain(raw: bytes) -> list[bytes]:
    """Drop the time stamp, the rank and colours, and split at cursor movements, which nested bars use."""
    if b"\x1b" not in raw and raw[:1] not in _SPECIAL:
        return [raw]  # as nearly all of millions are
    if raw[:1].isdigit() and (stamp := _STAMP.match(raw)):
        raw = raw[stamp.end() :]
    texts = [_ESCAPE.sub(b"", text) for text in _MOVE.split(raw)] if b"\x1b" in raw else [raw]
    return [_RANK.sub(b"", text, count=1) if text.startswith(b"[rank") else text for text in texts]


_BAR = re.compile(r"[^|]{0,200}\|[^|]{0,200}\| *[\d.,kMGB?]+/[\d.,kMGB?]+ \[[^\]]{0,200}\]")


def unglued(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines, of those that go on after a bar only what follows it."""
    for line in lines:
        bar = _BAR.match(line.text) if "%|" in line.text else None
        rest = line.text[bar.end() :].strip() if bar is not None else ""
        yield Line(line.number, rest) if rest else line


HEADER = re.compile(r"(?:Original )?Traceback \(most recent call last\):$|╭─+ Traceback \(most recent call last\) ─+╮$")
"""The first line of a traceback; a loader's process has its own within the message, and some draw a box around it."""
MOST_REPEATED = 3
"""Lines of a frame that are written in one piece: where it is, its code, and what points at the place."""
LONGEST_MESSAGE = 60
"""Lines of one message that are looked at."""


def undoubled(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, those that were written twice once."""
    found: list[Line] = []
    doubled = False
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if HEADER.match(line.text):
            doubled = bool(found) and found[-1].text == line.text
        elif doubled and not line.text.strip():
            continue
        message = _message_twice(lines, at - 1)
        if message:
            found += message
            at += 2 * len(message) - 2
            continue
        found.append(Line(line.number, _piece(line.text) if doubled else once(line.text)))
        if doubled:
            _drop_repeated(found)
    return found


def _message_twice(lines: Sequence[Line], at: int) -> list[Line]:
    """Return the lines of an error whose message of several lines was written twice from here on; none otherwise.

    Its last line and its first stand in one: `ErrorError: : one`, `twoone`, `two`.
    """
    head, told, first = lines[at].text.partition(_SEPARATOR * 2)
    name = _name(head) if told and first else None
    if name is None or _half(first) is not None:
        return []
    for turn in range(at + 1, min(at + LONGEST_MESSAGE, (len(lines) + at + 1) // 2)):
        if lines[turn].text.endswith(first):
            last = lines[turn].text.removesuffix(first)
            between = [each.text for each in lines[at + 1 : turn]]
            again = [each.text for each in lines[turn + 1 : turn + 1 + len(between)]]
            end = turn + 1 + len(between)
            if between == again and end < len(lines) and lines[end].text == last:
                texts = [f"{name}{_SEPARATOR}{first}", *between, last]
                return [Line(each.number, text) for each, text in zip(lines[at:], texts, strict=False)]
    return []


def _drop_repeated(lines: list[Line]) -> None:
    """Drop the last lines where they repeat the ones before them."""
    for count in range(1, MOST_REPEATED + 1):
        last, before = lines[-count:], lines[-2 * count : -count]
        if len(before) == count and [each.text for each in last] == [each.text for each in before]:
            del lines[-count:]
            return


def _piece(text: str) -> str:
    """Return a line of a traceback whose pieces were each written twice: its indentation and its text."""
    body = text.lstrip(" ")
    half = _half(body)
    if text == body or half is None:
        return once(text)
    return " " * ((len(text) - len(body)) // 2) + half


_SEPARATOR = ": "
_RAISED = re.compile(r"(?:Error|Exception|Interrupt|Exit|Warning|Iteration)$")


def once(text: str) -> str:
    """Return the last line of a traceback as it was meant; one that was written once stays as it is.

    Of a message that goes on in the next lines the class alone is undone.
    """
    head, told, message = text.partition(_SEPARATOR * 2)
    name = _name(head)
    if name is None or not (told or _RAISED.search(name)):
        return text
    return f"{name}{_SEPARATOR}{_half(message) or message}" if told else name


def _name(text: str) -> str | None:
    """Return the class of an error whose module, dot and name were each written twice."""
    module, dots, name = text.rpartition("..")
    halves = [_half(part) for part in ([module, name] if dots else [name])]
    if any(half is None or not half.replace(".", "_").isidentifier() for half in halves):
        return None
    return ".".join(half for half in halves if half is not None)


def _half(text: str) -> str | None:
    """Return the first half of a text whose second half is the same."""
    middle = len(text) // 2
    return text[:middle] if middle and text[:middle] == text[middle:] else None

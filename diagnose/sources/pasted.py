"""Undo what copying does to the text of a console: quotes, fences, line numbers, entities, indents, folded lines.

Every line keeps its number, so that what is read of it can be found again in what the user gave: a line that held only
a fence becomes empty, and one that was folded is whole where it began, with empty lines after it.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

MOST = 4 << 20
"""Bytes of a text that somebody may have pasted; a longer one is a file that a program wrote."""
_MOSTLY = 0.8
"""The share of the lines that must have a mark before it is one of the paste and not of the console."""
_FEWEST = 3
"""Lines that must have it at least."""
_LEVELS = 3
"""Quotes within quotes that are taken off."""

_QUOTE = re.compile(r"^ {0,3}>(?!>)")
_NUMBER = re.compile(r"^ {0,8}(\d{1,7})(?:[:|)\t]| {1,2}│| (?= ))")
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w+-]*\s*$")
_TAG = re.compile(r"</?(?:pre|code|details|summary|p|div|span|blockquote)(?: [^<>]{0,200})?>|<br ?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:gt|lt|amp|quot|apos|nbsp|#39|#x27|#34);")
_NARROWEST, _WIDEST = 40, 250
"""Columns of a terminal or a page that folds lines."""
_FOLDS = 3
"""Different lines that must end exactly at the same column, the last one, before it is taken for the edge."""
_WHOLE = re.compile(r"[\])}>=:;,.!#-]$|\bMB$|\bGB$")
"""How a line ends that may well be whole although it reaches the edge."""
_BEGINS = re.compile(r"^(?:\s|Traceback |[\w.]+(?:Error|Exception|Warning): |\[|\d{4}-\d\d-\d\d|.{0,80}?: +\d{1,3}%\|)")
"""How a line begins that is no rest of the one before."""


def decoded(data: bytes) -> str:
    """Return a text in whatever encoding: with a mark, UTF-8, UTF-16 without a mark, or else Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    for encoding, zeros in (("utf-16-le", data[1:2000:2]), ("utf-16-be", data[0:2000:2])):
        if zeros and zeros.count(0) > _MOSTLY * len(zeros):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        rest = data.decode("utf-8", "replace")
        # a few broken characters are a torn text; many are one in another encoding
        return rest if rest.count("\N{REPLACEMENT CHARACTER}") <= 1 else data.decode("cp1252", "replace")


def unpasted(data: bytes) -> bytes:
    """Return the text of a console as its program wrote it, as far as that can be told, line for line, as UTF-8."""
    text = decoded(data).replace("\r\n", "\n")
    if _ENTITY.search(text):
        text = html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")
    lines = text.split("\n")
    for _ in range(_LEVELS):
        lines = _without(_QUOTE, lines)
    lines = _unnumbered(lines)
    lines = ["" if _FENCE.match(line) else _TAG.sub("", line) if "<" in line else line for line in lines]
    lines = _outdented(lines)
    return "\n".join(_unfolded(lines)).encode("utf-8", "replace")


def _without(mark: re.Pattern[str], lines: Sequence[str]) -> list[str]:
    """Take a mark off the lines, if most have it."""
    told = [line for line in lines if line.strip()]
    marked = sum(mark.match(line) is not None for line in told)
    if marked < _FEWEST or marked < _MOSTLY * len(told):
        return list(lines)
    return [mark.sub("", line) for line in lines]


def _unnumbered(lines: Sequence[str]) -> list[str]:
    """Take line numbers off, if most lines have one that is by one higher than the last."""
    numbers = [int(found[1]) for line in lines if (found := _NUMBER.match(line))]
    rising = sum(after == before + 1 for before, after in pairwise(numbers))
    if rising < _FEWEST or rising < _MOSTLY * (len(numbers) - 1):
        return list(lines)
    return _without(_NUMBER, lines)


def _outdented(lines: Sequence[str]) -> list[str]:
    """Take off what every line is indented by."""
    told = [line for line in lines if line.strip()]
    shared = min((len(line) - len(line.lstrip(" \t")) for line in told), default=0)
    return [line[shared:] for line in lines] if shared and len(told) >= _FEWEST else list(lines)


def _unfolded(lines: Sequence[str]) -> list[str]:
    """Join the lines that were folded at the edge of a window; those that are joined to another become empty."""
    is_folded = _folded_at(max(map(len, lines), default=0), lines)
    whole: list[str] = []
    start = 0
    for line in lines:
        if whole and is_folded(lines[len(whole) - 1]) and line.strip() and not _BEGINS.match(line):
            whole[start] += line
            whole.append("")
        else:
            start = len(whole)
            whole.append(line)
    return whole


def _folded_at(edge: int, lines: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells a folded line, where the longest lines end at an edge."""
    full = Counter(line for line in lines if len(line) == edge and not _WHOLE.search(line))
    if len(full) < _FOLDS or not _NARROWEST <= edge <= _WIDEST:
        return lambda _: False
    return lambda line: line in full

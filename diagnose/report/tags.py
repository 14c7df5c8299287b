"""Blocks as HTML. Every text is escaped here, nothing from a run is taken for markup, and absolute paths are cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from diagnose.report.blocks import Block, Heading, Items, Paragraph, Table
from diagnose.report.spans import Kind, Line, Span, Weight, printable, text_of

_WINDOWS, _UNIX = r"[A-Za-z]:[\\/]|\\\\", r"/|~/"
_START = rf"(?:(?<![\w/:.…-])(?:{_UNIX})|(?<!\w)(?:{_WINDOWS}))"
_PART = r"[^\s\\/'\"`<>|,;:()\[\]]"
_IN_TEXT = re.compile(rf"{_START}(?:{_PART}+[\\/])+({_PART}*)")
_WHOLE = re.compile(rf"(?:{_UNIX}|{_WINDOWS})(?:[^\\/]+[\\/])+([^\\/]*)")
_QUOTED = re.compile(rf"'(?:{_UNIX}|{_WINDOWS})(?:[^\\/']+[\\/])+([^\\/']*)'")
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}/"


def short(span: Span) -> str:
    """Return the text of a span; of an absolute path only what comes last is left."""
    whole = _WHOLE.fullmatch(span.text) if span.kind is not Kind.PLAIN else None
    return f"{_ELLIPSIS}{whole[1]}" if whole else shortened(span.text)


def shortened(text: str) -> str:
    """Return a text in which only the last name of every absolute path is left."""
    return _IN_TEXT.sub(rf"{_ELLIPSIS}\1", _QUOTED.sub(rf"'{_ELLIPSIS}\1'", text))


def last_name(path: str) -> str:
    """Return the last name of an absolute path; another path as it is."""
    whole = _WHOLE.fullmatch(path.rstrip("\\/"))
    return whole[1] if whole else path


_DIFF_LINES = (("+++", "place"), ("---", "place"), ("@@", "place"), ("+", "plus"), ("-", "minus"))
"""What a line of a diff starts with, and its class; the first match counts."""
_TAGS = {Weight.NORMAL: "", Weight.STRONG: "strong", Weight.EMPHASIS: "em"}


_LONG = 18
_BREAKABLE, _BREAK = re.compile(r"(?<=[^\W\d])[._/\\](?=\w)|(?<=\d)[_/\\](?=\w)"), r"\g<0><wbr>"
"""Where a long key or file may go on in the next line; not within a number."""


def html(blocks: Sequence[Block]) -> str:
    """Return blocks as HTML."""
    return "".join(map(_block, blocks))


def inline(words: Line) -> str:
    """Return a line as HTML, without a tag around it."""
    parts = []
    for weight, spans in groupby(words, lambda span: span.weight):
        text = "".join(map(_span, spans))
        parts.append(f"<{_TAGS[weight]}>{text}</{_TAGS[weight]}>" if _TAGS[weight] else text)
    return "".join(parts)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{inline(block.words)}</h{block.level}>\n"
    if isinstance(block, Paragraph):
        return f"<p>{inline(block.words)}</p>\n"
    if isinstance(block, Items):
        tag = "ol" if block.numbered else "ul"
        lines = "".join(f"<li>{inline(item)}</li>\n" for item in block.items)
        return f"<{tag}>\n{lines}</{tag}>\n"
    if isinstance(block, Table):
        return _table(block)
    return f'<pre tabindex="0"><code>{"".join(map(_diff_line, block.lines))}</code></pre>\n'


def _span(span: Span) -> str:
    text = escape(short(span), quote=False)
    if span.kind is Kind.PLAIN:
        return text
    if span.kind is Kind.COMMAND:
        return f'<code class="command">{text}</code>'
    return f"<code>{_BREAKABLE.sub(_BREAK, text) if len(span.text) > _LONG else text}</code>"


def _table(table: Table) -> str:
    """Return a table; where its figures begin is its class, not that of every cell, for large pages stay small so."""
    kind = f' class="from-{table.numbers_from}"' if table.numbers_from is not None else ""
    names = [escape(text_of(words)) for words in table.header] if table.numbers_from is None else []
    head, body = _row(table.header, "th"), "".join(_row(row, "td", names) for row in table.rows)
    start = f'<div class="wide" tabindex="0" role="group"><table{kind}>'
    return f"{start}\n<thead>\n{head}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"


def _row(cells: Sequence[Line], tag: str, names: Sequence[str] = ()) -> str:
    """Return a row; a cell that has the name of its column can stand under it on a narrow screen."""
    starts = [f'<{tag} data-name="{name}">' for name in names] or [f"<{tag}>"] * len(cells)
    inside = "".join(f"{start}{inline(cell)}</{tag}>" for start, cell in zip(starts, cells, strict=True))
    return f"<tr>{inside}</tr>\n"


def _diff_line(text: str) -> str:
    kind = next((kind for start, kind in _DIFF_LINES if text.startswith(start)), "same")
    return f'<span class="line {kind}">{escape(shortened(printable(text)), quote=False) or " "}</span>'

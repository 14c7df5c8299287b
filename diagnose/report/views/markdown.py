"""The page as CommonMark with tables. No text can start a heading, a link or HTML, or leave its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from diagnose.report.blocks import Block, Diff, Heading, Items, Paragraph, Table
from diagnose.report.page import brief, page
from diagnose.report.spans import Kind, Line, Span, Weight, printable

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

_PADDED = 36
"""Columns of a table up to this wide are padded; wider ones would only make long lines longer."""
_SPECIAL = re.compile(
    r"[\\`*\[\]~$]"  # escapes, code, emphasis, links, strikethrough, GitHub's mathematics
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis; between letters an underscore is only an underscore
    r"|<(?=[A-Za-z/!?])|&(?=[A-Za-z#])"  # tags and entities
    r"|(?<=:)/(?=/)|(?<=[wW]{3})\."  # addresses that GitHub would turn into links
)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
_BLOCK_START = re.compile(
    r"^(?=[+-](?:\s|$)|#{1,6}(?:\s|$)|>|[=-][=\s-]*$)"  # list, heading, quotation, rule or underline
    r"|^(?P<number>\d{1,9})(?=[.)](?:\s|$))"  # numbered list
)
_MARKS = {Weight.NORMAL: "", Weight.STRONG: "**", Weight.EMPHASIS: "*"}


def render(report: Report, *, width: int, color: bool, full: bool) -> str:  # noqa: ARG001 - the same for every view
    """Return what fits a comment on a pull request, or all of the page."""
    return markdown(page(report) if full else brief(report))


def markdown(blocks: Sequence[Block]) -> str:
    """Return blocks as markdown."""
    return "\n\n".join(map(block_markdown, blocks)) + "\n"


def block_markdown(block: Block) -> str:
    """Return one block as markdown."""
    if isinstance(block, Heading):
        return f"{'#' * block.level} {inline(block.words)}"
    if isinstance(block, Paragraph):
        return _start(block.words)
    if isinstance(block, Items):
        marks = (f"{index}." if block.numbered else "-" for index in range(1, len(block.items) + 1))
        return "\n".join(f"{mark} {_start(item)}" for mark, item in zip(marks, block.items, strict=True))
    if isinstance(block, Table):
        return _table(block)
    return _fenced(block)


def inline(words: Line) -> str:
    """Return a line as markdown that reads as the same words, wherever it stands in a line."""
    parts = []
    for weight, spans in groupby(_stopped(words), lambda span: span.weight):
        parts.append(f"{_MARKS[weight]}{''.join(map(_span, spans))}{_MARKS[weight]}")
    return "".join(parts)


def _stopped(words: Line) -> Iterator[Span]:
    """Yield the spans, with a full stop between a command and the sentence after it: here they share a line."""
    for index, span in enumerate(words):
        yield span
        after = "".join(each.text for each in words[index + 1 :]) if span.kind is Kind.COMMAND else ""
        if after[:1] == " " and after.lstrip()[:1].isupper():
            yield Span(".")


def _start(words: Line) -> str:
    """Return a line as markdown that reads as the same words at the start of a block."""
    return _BLOCK_START.sub(r"\g<number>\\", inline(words))


def _span(span: Span) -> str:
    return _escaped(span.text) if span.kind is Kind.PLAIN else _code(span.text)


def _code(text: str) -> str:
    """Return a code span; the escaped text where no span can hold it in a table as well."""
    if "\\|" in text:  # one renderer reads the backslash as escaped, the other as escaping
        return _escaped(text)
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _fenced(diff: Diff) -> str:
    """Return a code block that its content cannot close."""
    lines = [printable(each) for each in diff.lines]
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    return "\n".join([f"{fence}diff", *lines, fence])


def _table(table: Table) -> str:
    """Return a table, aligned so that the source reads well too."""
    grid = [[_start(cell).replace("|", "\\|") for cell in row] for row in (table.header, *table.rows)]
    widths = [max(3, *(len(row[index]) for row in grid)) for index in range(len(table.header))]
    first = len(widths) if table.numbers_from is None else table.numbers_from
    right = [index >= first for index in range(len(widths))]
    rule = [
        "-" * ((width if width <= _PADDED else 3) - is_right) + ":" * is_right
        for width, is_right in zip(widths, right, strict=True)
    ]
    lines = [_row([_padded(*cell) for cell in zip(row, widths, right, strict=True)]) for row in grid]
    return "\n".join([lines[0], _row(rule), *lines[1:]])


def _padded(cell: str, width: int, right: bool) -> str:  # noqa: FBT001 - a column's alignment, zipped from a list
    if width > _PADDED:
        return cell
    return cell.rjust(width) if right else cell.ljust(width)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

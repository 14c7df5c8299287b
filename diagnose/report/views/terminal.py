"""The report on one screen of a terminal, and any blocks as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from diagnose.report.blocks import Block, Diff, Heading, Items, Paragraph, Table
from diagnose.report.page import page
from diagnose.report.screen import ALL, Room, screen
from diagnose.report.spans import Kind, Line, Span, Tone, Weight, printable, text_of

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

MOST_LINES = 40
_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""
_ROOM = (
    *(Room(6, ALL, praise) for praise in (ALL, 2, 0)),
    *(Room(5, notes, 0) for notes in (ALL, 6, 4)),
    *(Room(actions, 4, 0, cut=True) for actions in (5, 4)),
    *(Room(4, notes, 0, cut=True) for notes in (2, 1, 0)),
    Room(3, 0, 0, cut=True),
    Room(3, 0, 0, cut=True, needs=False),
)
"""What to show, the most first: the first that fits is taken."""
_HEIGHT = 50
_INDENT = 2
_MOST_ROWS = 100
"""A longer table is set in plain columns: rich takes seconds for thousands of rows."""
_STYLES = {
    Tone.NONE: "",
    Tone.GOOD: "bold green",
    Tone.MILD: "yellow",
    Tone.WARNING: "bold yellow",
    Tone.BAD: "bold red",
    Tone.QUIET: "dim",
}


def render(report: Report, *, width: int, color: bool, full: bool) -> str:
    """Return one screen, or all of the page, `width` columns wide; without `color` it has no escape sequence at all."""
    if full:
        return terminal([page(report)], width=width, color=color)
    width = min(width, _WIDEST)
    for room in _ROOM:
        text = terminal(screen(report, room, width), width=width, color=color)
        if text.count("\n") <= MOST_LINES:
            break
    return text


def terminal(groups: Iterable[Sequence[Block]], *, width: int, color: bool) -> str:
    """Return groups of blocks with a line between them; what follows a heading in its group is set in below it."""
    console = Console(
        file=StringIO(),
        width=width,
        height=_HEIGHT,
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(Group(*_lines(groups, width)), crop=False)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _lines(groups: Iterable[Sequence[Block]], width: int) -> Iterator[RenderableType]:
    for index, group in enumerate(filter(None, groups)):
        if index:
            yield Text()
        indent = 0
        for block in group:
            if isinstance(block, Items):
                yield from _items(block, width - indent, " " * indent)
            else:
                yield from (Padding(each, (0, 0, 0, indent)) for each in _block(block))
            indent = _INDENT if isinstance(block, Heading) else indent


def _block(block: Heading | Paragraph | Table | Diff) -> Iterator[RenderableType]:
    if isinstance(block, Heading | Paragraph):
        yield _text(block.words)
    elif isinstance(block, Table):
        yield from _grid(block) if len(block.rows) <= _MOST_ROWS else _columns(block)
    else:
        yield from _diff(block)


def _items(block: Items, width: int, before: str) -> Iterator[Text]:
    """Yield the lines of a list, each item set in behind its mark; a command has a line of its own, however long."""
    for index, item in enumerate(block.items, start=1):
        mark = f"{index}  " if block.numbered else "- "
        for is_command, spans in groupby(item, lambda span: span.kind is Kind.COMMAND):
            text = _text(tuple(spans))
            wrapped = [text] if is_command else _wrapped(text, width - len(mark))
            for each in wrapped:
                yield Text(before + mark, no_wrap=True, overflow="ignore").append_text(each)
                mark = " " * len(mark)


def _wrapped(text: Text, width: int) -> list[Text]:
    """Break a text into lines, without the blanks at their ends."""
    text = text[len(text.plain) - len(text.plain.lstrip()) :]
    lines = text.wrap(Console(width=width), max(width, 1))
    for each in lines:
        each.rstrip()
    return list(lines)


def _text(words: Line) -> Text:
    return Text.assemble(*((span.text, _style(span)) for span in words))


def _style(span: Span) -> str:
    return _STYLES[span.tone] or ("bold" if span.weight is Weight.STRONG else "")


def _diff(diff: Diff) -> Iterator[Text]:
    yield from map(Text, map(printable, diff.lines))


def _grid(table: Table) -> Iterator[Grid]:
    grid = Grid(box=None, pad_edge=False, padding=(0, _INDENT, 0, 0), header_style="dim")
    figures = len(table.header) if table.numbers_from is None else table.numbers_from
    for index, name in enumerate(table.header):
        justify: JustifyMethod = "right" if index >= figures else "left"
        grid.add_column(_text(name), justify=justify, overflow="fold")
    for row in table.rows:
        grid.add_row(*map(_text, row))
    yield grid


def _columns(table: Table) -> Iterator[Text]:
    cells = [[text_of(cell) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *figures in cells:
        padded = (figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True))
        yield Text("  ".join([first.ljust(widths[0]), *padded]).rstrip())

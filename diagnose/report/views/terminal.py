"""The report on one screen of a terminal, and any blocks as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from diagnose.report.blocks import Block, Diff, Heading, Items, Paragraph, Table
from diagnose.report.screen import screen
from diagnose.report.spans import Line, Span, Tone, Weight, printable, text_of

if TYPE_CHECKING:
    from diagnose.verdict.report import Report

_HEIGHT = 50
_INDENT = 3
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


def render(report: Report, *, width: int, color: bool) -> str:
    """Return the summary, `width` columns wide; without `color` it holds no escape sequence at all."""
    return terminal(screen(report), width=width, color=color)


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
        console.print(Group(*_lines(groups)))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _lines(groups: Iterable[Sequence[Block]]) -> Iterator[RenderableType]:
    for index, group in enumerate(filter(None, groups)):
        if index:
            yield Text()
        indent = 0
        for block in group:
            yield from (Padding(each, (0, 0, 0, indent)) for each in _block(block))
            indent = _INDENT if isinstance(block, Heading) else indent


def _block(block: Block) -> Iterator[RenderableType]:
    if isinstance(block, Heading | Paragraph):
        yield _text(block.words)
    elif isinstance(block, Items):
        for index, item in enumerate(block.items, start=1):
            yield Text(f"{index}. " if block.numbered else "").append_text(_text(item))
    elif isinstance(block, Table):
        yield from _grid(block) if len(block.rows) <= _MOST_ROWS else _columns(block)
    else:
        yield from _diff(block)


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
        grid.add_column(_text(name), justify="right" if index >= figures else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*map(_text, row))
    yield grid


def _columns(table: Table) -> Iterator[Text]:
    cells = [[text_of(cell) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *figures in cells:
        padded = (figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True))
        yield Text("  ".join([first.ljust(widths[0]), *padded]).rstrip())

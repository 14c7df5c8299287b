"""Measurements as tables in the terminal. The only one of the forms that needs rich, which takes its time to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from diagnose.cli.weights_tables import LEGEND, PER_MODULE, SUMMARY, Cells, Measured
from diagnose.report.spans import plain

PLAIN_WIDTH = 240
"""Columns where the output is no terminal."""


def print_tables(measured: Sequence[Measured], *, per_module: bool) -> None:
    """Print the same tables for people. Names come from strangers, so markup in them is not interpreted."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    console.print(_table(SUMMARY, measured))
    console.print(LEGEND, style="dim")
    if per_module:
        for each in measured:
            console.print(f"\n{each.title}", style="bold")
            print("\n".join(_lines(PER_MODULE, each.modules)))


def _table(columns: Cells, rows: Sequence[object]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(row) for cell in columns.values()))
    return table


def _lines(columns: Cells, rows: Sequence[object]) -> Iterator[str]:
    """Yield a table in plain aligned columns: a run has thousands of modules, for which rich takes seconds."""
    cells = [list(columns), *([plain(cell(row)) for cell in columns.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *figures in cells:
        padded = (figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *padded]).rstrip()

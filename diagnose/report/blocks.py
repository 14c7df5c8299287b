"""What a report is made of, for every view: headings, paragraphs, lists, tables and diffs of spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from diagnose.report.spans import Line, Piece, line


class Heading(Struct, frozen=True):
    """A heading; level 1 is the title."""

    level: int
    words: Line


class Paragraph(Struct, frozen=True):
    """Some sentences."""

    words: Line


class Items(Struct, frozen=True):
    """A list, of at least one item."""

    items: tuple[Line, ...]
    numbered: bool = False


class Table(Struct, frozen=True):
    """A table of at least one row. Figures stand in the columns from index `numbers_from` on; None: in none."""

    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers_from: int | None = None


class Diff(Struct, frozen=True):
    """Lines that are added, taken away and kept in a file, as they are."""

    lines: tuple[str, ...]


Block: TypeAlias = "Heading | Paragraph | Items | Table | Diff"


def heading(level: int, *pieces: Piece) -> Heading:
    """Return a heading of some pieces."""
    return Heading(level, line(*pieces))


def paragraph(*pieces: Piece) -> Paragraph:
    """Return a paragraph of some pieces."""
    return Paragraph(line(*pieces))


def items(found: Iterable[Piece], *, numbered: bool = False) -> list[Block]:
    """Return a list as a block; nothing for no items."""
    lines = tuple(line(each) for each in found)
    return [Items(lines, numbered)] if lines else []


def under(lead: Block, found: Iterable[Piece], *, numbered: bool = False) -> list[Block]:
    """Return a list under what leads to it; nothing for no items."""
    listed = items(found, numbered=numbered)
    return [lead, *listed] if listed else []


def table(header: Sequence[str], rows: Iterable[Sequence[Piece]], numbers_from: int | None = None) -> Table:
    """Return a table; the columns from index `numbers_from` on hold figures.

    Raises:
        ValueError: there are no rows, or a row does not have one cell per column.
    """
    cells = tuple(tuple(line(cell) for cell in row) for row in rows)
    if not cells or any(len(row) != len(header) for row in cells):
        raise ValueError(f"a table needs rows of {len(header)} cells")
    return Table(tuple(line(cell) for cell in header), cells, numbers_from)


def drop_empty_columns(
    header: Sequence[str], rows: Sequence[Sequence[Piece]], empty: Piece
) -> tuple[list[str], list[list[Piece]]]:
    """Leave out the columns in which every row says `empty`."""
    kept = [index for index in range(len(header)) if any(row[index] != empty for row in rows)]
    return [header[index] for index in kept], [[row[index] for index in kept] for row in rows]

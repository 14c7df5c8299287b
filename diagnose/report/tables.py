"""Markdown tables: built from cells that are markdown already, aligned so that the source reads well too."""

from __future__ import annotations

from collections.abc import Sequence

_PADDED = 36
"""Columns up to this wide are padded; wider ones would only make long lines longer."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int | None = None) -> str:
    """Return a table; the columns from index `numbers_from` on hold figures and are set to the right.

    Raises:
        ValueError: there are no rows, or a row does not have one cell per column.
    """
    if not rows or any(len(row) != len(header) for row in rows):
        raise ValueError(f"a table needs rows of {len(header)} cells")
    grid = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[index]) for row in grid)) for index in range(len(header))]
    right = [numbers_from is not None and index >= numbers_from for index in range(len(header))]
    rule = [
        "-" * ((width if width <= _PADDED else 3) - is_right) + ":" * is_right
        for width, is_right in zip(widths, right, strict=True)
    ]
    lines = [_line([_padded(*cell) for cell in zip(row, widths, right, strict=True)]) for row in grid]
    return "\n".join([lines[0], _line(rule), *lines[1:]])


def drop_empty_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], empty: str
) -> tuple[list[str], list[list[str]]]:
    """Leave out the columns in which every row says `empty`."""
    kept = [index for index in range(len(header)) if any(row[index] != empty for row in rows)]
    return [header[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _padded(cell: str, width: int, right: bool) -> str:  # noqa: FBT001 - a column's alignment, zipped from a list
    if width > _PADDED:
        return cell
    return cell.rjust(width) if right else cell.ljust(width)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

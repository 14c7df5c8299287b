"""Blocks are built whole, or not at all."""

from __future__ import annotations

import pytest

from diagnose.report.blocks import (
    Heading,
    Items,
    Paragraph,
    drop_empty_columns,
    heading,
    items,
    paragraph,
    table,
    under,
)
from diagnose.report.spans import Span, line


def test_blocks_are_made_of_pieces() -> None:
    assert heading(2, "A ", "title") == Heading(2, (Span("A "), Span("title")))
    assert paragraph("Words.") == Paragraph(line("Words."))
    assert items(["a", line("b")], numbered=True) == [Items((line("a"), line("b")), numbered=True)]


def test_no_items_are_no_list() -> None:
    assert items([]) == []
    assert under(heading(2, "Nothing"), []) == []
    assert under(heading(2, "One"), ["a"], numbered=True) == [heading(2, "One"), *items(["a"], numbered=True)]


@pytest.mark.parametrize("rows", [[], [["only one"]]])
def test_a_table_without_content_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="2 cells"):
        table(("A", "B"), rows)


def test_columns_that_say_nothing_are_dropped() -> None:
    header, rows = drop_empty_columns(("A", "B", "C"), [("1", "?", "?"), ("2", "?", "3")], "?")
    assert (header, rows) == (["A", "C"], [["1", "?"], ["2", "3"]])

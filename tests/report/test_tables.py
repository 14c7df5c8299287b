"""Tables hold their cells, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from diagnose.report.escape import code, plain, prose
from diagnose.report.tables import drop_empty_columns, table

READER = MarkdownIt("commonmark", {"html": False}).enable("table")
CELL = st.text(alphabet="|\\*ab< -:\n", max_size=12).filter(str.strip)


def cells(markdown: str) -> list[str]:
    """The text of every cell, header first."""
    tokens = [token for token in READER.parse(markdown) if token.type == "inline"]
    return ["".join(child.content for child in token.children or []) for token in tokens]


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=3))
def test_a_cell_cannot_leave_its_place(rows: list[tuple[str, str]]) -> None:
    markdown = table(("A", "B"), [(prose(left), code(right)) for left, right in rows])
    assert cells(markdown) == ["A", "B", *(plain(text) for row in rows for text in row)]


def test_figures_stand_right_and_the_source_is_aligned() -> None:
    lines = table(("Step", "Loss"), [("100", "0.0755"), ("2000", "0.1")], numbers_from=1).splitlines()
    assert lines == ["| Step |   Loss |", "| ---- | -----: |", "| 100  | 0.0755 |", "| 2000 |    0.1 |"]


def test_wide_columns_are_not_padded() -> None:
    wide = "x" * 60
    assert table(("A", "B"), [(wide, "b"), ("c", "d")]).splitlines()[0] == "| A | B   |"


@pytest.mark.parametrize("rows", [[], [["only one"]]])
def test_a_table_without_content_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="2 cells"):
        table(("A", "B"), rows)


def test_columns_that_say_nothing_are_dropped() -> None:
    header, rows = drop_empty_columns(("A", "B", "C"), [("1", "?", "?"), ("2", "?", "3")], "?")
    assert (header, rows) == (["A", "C"], [["1", "?"], ["2", "3"]])

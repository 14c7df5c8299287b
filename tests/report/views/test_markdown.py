"""Markdown reads as the words it was made of, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from diagnose.report.blocks import Diff, heading, items, paragraph, table
from diagnose.report.page import brief, page
from diagnose.report.spans import Line, code, line, plain, prose, shell, strong, text_of
from diagnose.report.views.markdown import block_markdown, markdown, render
from diagnose.verdict.report import Report

READER = MarkdownIt("commonmark", {"html": False}).enable("table")
SPECIAL = st.text(alphabet="\\`*_~[]()<>#!|&;:/$+-=.0123ab \n\t\r\x00\x1b\u202e", max_size=40)
CELL = st.text(alphabet="|\\*ab< -:\n", max_size=12).filter(str.strip)


def inline(words: Line) -> list[Token]:
    """The inline tokens of a line that must be one paragraph."""
    blocks = READER.parse(block_markdown(paragraph(words)))
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    return blocks[1].children or []


@given(SPECIAL.filter(str.strip))
def test_prose_is_one_paragraph_that_reads_as_the_plain_text(text: str) -> None:
    tokens = inline(prose(text))
    assert {token.type for token in tokens} <= {"text", "text_special", "code_inline"}
    read = (f"`{token.content}`" if token.type == "code_inline" else token.content for token in tokens)
    assert "".join(read) == plain(text)


@given(SPECIAL.filter(str.strip))
def test_code_is_one_span_that_reads_as_the_plain_text(text: str) -> None:
    tokens = inline(line("a ", code(text), " b"))
    assert "".join(token.content for token in tokens) == f"a {plain(text)} b"
    assert "code_inline" in {token.type for token in tokens} or "\\|" in plain(text)


@given(SPECIAL.filter(str.strip))
def test_a_page_reads_what_a_terminal_reads(text: str) -> None:
    words = line(strong("b"), " ", prose(text), " ", code(text), ".")
    assert "".join(token.content for token in inline(words)) == text_of(words)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=3))
def test_a_cell_cannot_leave_its_place(rows: list[tuple[str, str]]) -> None:
    made = block_markdown(table(("A", "B"), [(prose(left), code(right)) for left, right in rows]))
    tokens = [token for token in READER.parse(made) if token.type == "inline"]
    cells = ["".join(child.content for child in token.children or []) for token in tokens]
    assert cells == ["A", "B", *(plain(text) for row in rows for text in row)]


@given(SPECIAL)
def test_a_diff_holds_its_content(text: str) -> None:
    tokens = READER.parse(block_markdown(Diff(tuple(text.split("\n")))))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].info == "diff"


def test_a_diff_keeps_lines_and_indentation() -> None:
    shown = block_markdown(Diff(("- a", "+\tb", "```", "  c")))
    assert READER.parse(shown)[0].content == "- a\n+\tb\n```\n  c\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("high_noise_lr_bump is 2e-5", "high_noise_lr_bump is 2e-5"),
        ("under 3 < 5 & more", "under 3 < 5 & more"),
        ("+5.4 % and -0.2", "+5.4 % and -0.2"),
        ("2200. And then", "2200\\. And then"),
        ("1.35 at the end, 2200.", "1.35 at the end, 2200."),
        ("# head", "\\# head"),
        ("#5", "#5"),
        ("--intent motion", "--intent motion"),
        ("- item", "\\- item"),
        ("---", "\\---"),
        ("> quoted", "\\> quoted"),
        ("<script>", "&lt;script>"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("https://e.com www.e.com", "https:\\//e.com www\\.e.com"),
        ("a\n\nb", "a b"),
        ("run `diagnose next`, ``not`` ` this", "run `diagnose next`, \\`\\`not\\`\\` \\` this"),
    ],
)
def test_only_what_would_act_is_escaped(text: str, expected: str) -> None:
    assert block_markdown(paragraph(prose(text))) == expected


def test_figures_stand_right_and_the_source_is_aligned() -> None:
    made = table(("Step", "Loss"), [("100", "0.0755"), ("2000", "0.1")], numbers_from=1)
    assert block_markdown(made).splitlines() == [
        "| Step |   Loss |",
        "| ---- | -----: |",
        "| 100  | 0.0755 |",
        "| 2000 |    0.1 |",
    ]


def test_wide_columns_are_not_padded() -> None:
    shown = block_markdown(table(("A", "B"), [("x" * 60, "b"), ("c", "d")]))
    assert shown.splitlines()[0] == "| A | B   |"


def test_blocks_stand_apart() -> None:
    blocks = [heading(2, "A"), paragraph("b"), *items(["c", "d"], numbered=True), *items(["e"])]
    assert markdown(blocks) == "## A\n\nb\n\n1. c\n2. d\n\n- e\n"


def test_the_view_is_the_page(failing: Report) -> None:
    assert render(failing, width=100, color=False, full=True) == markdown(page(failing))
    assert render(failing, width=100, color=False, full=False) == markdown(brief(failing))


def test_a_sentence_after_a_command_begins_after_a_full_stop() -> None:
    assert "Type `a b`. Then go." in markdown([paragraph("Type ", shell("a b"), " Then go.")])
    assert "Type `a b` and go." in markdown([paragraph("Type ", shell("a b"), " and go.")])

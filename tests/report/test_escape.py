"""Strangers' text reads as written and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from diagnose.report.escape import LONGEST, code, fenced, plain, prose, spoken

READER = MarkdownIt("commonmark", {"html": False}).enable("table")
SPECIAL = st.text(alphabet="\\`*_~[]()<>#!|&;:/$+-=.0123ab \n\t\r\x00\x1b\u202e", max_size=40)


def inline(markdown: str) -> list[Token]:
    """The inline tokens of a text that must be one paragraph."""
    blocks = READER.parse(markdown)
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
    tokens = inline(f"a {code(text)} b")
    assert "".join(token.content for token in tokens) == f"a {plain(text)} b"
    assert "code_inline" in {token.type for token in tokens} or "\\|" in plain(text)


@given(SPECIAL.filter(str.strip))
def test_a_terminal_reads_what_a_page_reads(text: str) -> None:
    markdown = f"*a* **b** {prose(text)} {code(text)}."
    assert spoken(markdown) == "".join(token.content for token in inline(markdown))


@given(SPECIAL)
def test_a_fence_holds_its_content(text: str) -> None:
    tokens = READER.parse(fenced(text, "diff"))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].info == "diff"


def test_a_fence_keeps_lines_and_indentation() -> None:
    assert READER.parse(fenced("- a\n+\tb\n```\n  c\r\n", "diff"))[0].content == "- a\n+\tb\n```\n  c\n"


@pytest.mark.parametrize(
    ("text", "markdown"),
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
def test_only_what_would_act_is_escaped(text: str, markdown: str) -> None:
    assert prose(text) == markdown


def test_terminal_sequences_and_reordering_are_replaced() -> None:
    assert plain("a\x1b[31mred\x07 \u202egnp.exe \ud800") == "a\ufffd[31mred\ufffd \ufffdgnp.exe \ufffd"


def test_long_text_is_cut_visibly() -> None:
    assert plain("x" * (LONGEST + 1)) == "x" * LONGEST + "\N{HORIZONTAL ELLIPSIS}"
    assert plain("x" * LONGEST) == "x" * LONGEST


def test_an_empty_value_is_shown_as_one() -> None:
    assert code("") == '`""`'

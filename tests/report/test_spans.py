"""Text in pieces: folded, cut, made harmless, and joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnose.report.spans import (
    LONGEST,
    Kind,
    Span,
    Tone,
    Weight,
    capital,
    code,
    emphasis,
    join,
    line,
    place,
    plain,
    prose,
    sentence,
    strong,
    text_of,
    toned,
)


def test_terminal_sequences_and_reordering_are_replaced() -> None:
    assert plain("a\x1b[31mred\x07 \u202egnp.exe \ud800") == "a\ufffd[31mred\ufffd \ufffdgnp.exe \ufffd"


def test_long_text_is_cut_visibly() -> None:
    assert plain("x" * (LONGEST + 1)) == "x" * LONGEST + "\N{HORIZONTAL ELLIPSIS}"
    assert plain("x" * LONGEST) == "x" * LONGEST


@given(st.text())
def test_whatever_comes_in_a_line_is_one_line_of_characters_that_print(text: str) -> None:
    words = text_of(line(text, " ", prose(text), code(text), place(text)))
    assert len(words.splitlines()) <= 1
    assert not {"\x1b", "\n", "\r", "\u202e", "\x9b"} & set(words)


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("run `diagnose next`, ``not`` this") == (
        Span("run "),
        Span("diagnose next", Kind.CODE),
        Span(", ``not`` this"),
    )
    assert line("run ", "`it`.") == (Span("run "), Span("it", Kind.CODE), Span("."))


def test_marks_hold_for_every_piece() -> None:
    words = strong("step ", code("7"))
    assert [(span.kind, span.weight) for span in words] == [(Kind.PLAIN, Weight.STRONG), (Kind.CODE, Weight.STRONG)]
    assert emphasis("a")[0].weight is Weight.EMPHASIS
    assert toned(Tone.BAD, words)[1] == Span("7", Kind.CODE, Weight.STRONG, Tone.BAD)
    assert place("log:7") == (Span("log:7", Kind.PLACE),)


def test_joining_leaves_out_what_says_nothing() -> None:
    assert text_of(join(" · ", ["a", (), "", code("b")])) == "a · b"
    assert join(", ", []) == ()


def test_a_sentence_ends_once_and_may_start_like_one() -> None:
    found = [text_of(sentence(text)) for text in ("done", "done.", "done!", "")]
    assert found == ["done.", "done.", "done!", ""]
    assert text_of(capital("use it")) == "Use it."


def test_an_empty_value_is_shown_as_one() -> None:
    assert text_of(code("")) == '""'

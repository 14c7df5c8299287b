"""Blocks as lines of text: set in below their heading, within the width, coloured only where asked."""

from __future__ import annotations

from diagnose.report.blocks import Block, Diff, heading, items, paragraph, table
from diagnose.report.spans import Tone, code, line, prose, strong, toned
from diagnose.report.views.terminal import terminal


def test_what_follows_a_heading_is_set_in_and_groups_stand_apart() -> None:
    groups: list[list[Block]] = [
        [paragraph("top")],
        [],
        [heading(2, strong("Steps")), *items(["one", "two"], numbered=True), paragraph("more")],
    ]
    assert terminal(groups, width=40, color=False) == "top\n\nSteps\n  1  one\n  2  two\n  more\n"


def test_a_table_and_a_diff() -> None:
    blocks: list[Block] = [table(("", "high"), [["rate", "1e-4"]], numbers_from=1), Diff(("+a: [b]",))]
    assert terminal([blocks], width=40, color=False).splitlines() == ["      high", "rate  1e-4", "+a: [b]"]


def test_a_long_table_is_set_in_plain_columns() -> None:
    shown = terminal([[table(("m", "n"), [[f"b{i}", str(i)] for i in range(500)], 1)]], width=80, color=False)
    assert shown.splitlines()[:2] == ["m       n", "b0      0"]
    assert shown.splitlines()[-1] == "b499  499"


def test_colour_says_what_the_words_say() -> None:
    blocks = [paragraph(toned(Tone.BAD, "FAILING"), " ", strong("now"))]
    assert terminal([blocks], width=40, color=True) == "\x1b[1;31mFAILING\x1b[0m \x1b[1mnow\x1b[0m\n"
    assert terminal([blocks], width=40, color=False) == "FAILING now\n"


def test_neither_markup_nor_marks_of_code_are_interpreted_or_shown() -> None:
    words = line(prose("[bold red]y[/]:smile: `x`"), " ", code("[/]"))
    assert terminal([[paragraph(words)]], width=80, color=True) == "[bold red]y[/]:smile: x [/]\n"

"""Blocks as HTML: text stays text, commands have a line of their own, absolute paths are cut."""

from __future__ import annotations

import pytest

from diagnose.report.blocks import Diff, Table, paragraph
from diagnose.report.spans import Kind, Span, code, line, prose, shell, strong
from diagnose.report.tags import html, inline, last_name, short, shortened


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("in /home/ann/runs/my_lora now", "in …/my_lora now"),
        ("'/home/ann/my runs/a'", "'…/a'"),
        (r"C:\Users\ann\runs\a.yaml is", "…/a.yaml is"),
        ("~/runs/a", "…/a"),
        ("/data/", "…/"),
        ("config.yaml:12 and/or high/low, 3/4, n/a", "config.yaml:12 and/or high/low, 3/4, n/a"),
        ("samples/000.jpg", "samples/000.jpg"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("/ alone", "/ alone"),
    ],
)
def test_of_an_absolute_path_the_last_name_is_left(text: str, left: str) -> None:
    assert shortened(text) == left


def test_code_that_is_a_path_may_have_spaces_in_it() -> None:
    assert short(Span("/home/ann lee/my clips", Kind.CODE)) == "…/my clips"
    assert short(Span("output/my clips", Kind.CODE)) == "output/my clips"


@pytest.mark.parametrize(
    ("path", "left"),
    [("/a/b c/run", "run"), ("/a/run/", "run"), ("out/run", "out/run"), (r"D:\x\run", "run"), (".", ".")],
)
def test_a_run_has_its_last_name(path: str, left: str) -> None:
    assert last_name(path) == left


def test_markup_in_a_text_is_text() -> None:
    assert html([paragraph(prose("<b>x</b> & `<i>`"))]) == (
        "<p>&lt;b&gt;x&lt;/b&gt; &amp; <code>&lt;i&gt;</code></p>\n"
    )


def test_a_command_stands_on_a_line_of_its_own() -> None:
    assert (
        inline(line("Run ", shell("diagnose next x -o y"))) == 'Run <code class="command">diagnose next x -o y</code>'
    )
    assert inline(code("train.lr")) == "<code>train.lr</code>"


def test_the_folders_of_the_machine_are_cut() -> None:
    assert inline(line("in ", strong("/home/ann/runs/x"))) == "in <strong>\N{HORIZONTAL ELLIPSIS}/x</strong>"
    assert "ann" not in html([Diff(("+ folder: /home/ann/runs/x",))])


def test_a_table_can_be_scrolled_by_keyboard_and_has_its_figures_to_the_right() -> None:
    made = html([Table((line("a"), line("b")), ((line("x"), line("1")),), numbers_from=1)])
    assert made.startswith('<div class="wide" tabindex="0" role="group"><table class="from-1">')
    assert "<tr><th>a</th><th>b</th></tr>" in made
    assert "<tr><td>x</td><td>1</td></tr>" in made


def test_a_cell_of_words_has_the_name_of_its_column() -> None:
    made = html([Table((line('a"b'), line("c")), ((line("x"), line("y")),))])
    assert '<td data-name="a&quot;b">x</td><td data-name="c">y</td>' in made
    assert "<table>" in made


def test_a_long_key_may_go_on_in_the_next_line_but_no_number() -> None:
    assert inline(code("train.optimizer_params.high")) == "<code>train.<wbr>optimizer_<wbr>params.<wbr>high</code>"
    assert inline(code("between 0.25 and 0.5 of it")) == "<code>between 0.25 and 0.5 of it</code>"
    assert inline(code("config.yaml:73")) == "<code>config.yaml:73</code>"

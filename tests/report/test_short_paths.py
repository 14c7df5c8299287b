"""What is left of a path on a page that is sent around."""

from __future__ import annotations

import pytest

from diagnose.report.short_paths import last_name, short, shortened
from diagnose.report.spans import Kind, Span


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

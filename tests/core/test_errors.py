"""A slip in a name is answered with the names like it."""

from __future__ import annotations

import pytest

from diagnose.core.errors import HEAD, TAIL, DiagnoseError, nearest


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("wait_decay", "; did you mean weight_decay?"),
        ("lr_ratio_m", "; did you mean lr_ratio_min or lr_ratio_max?"),
        ("lrn01", "; did you mean LRN001?"),
        ("steps", ""),
    ],
)
def test_a_misspelled_name_gets_a_hint(name: str, hint: str) -> None:
    assert nearest(name, ["lr_ratio_min", "lr_ratio_max", "weight_decay", "LRN001"]) == hint


def test_no_more_names_are_told_than_asked_for() -> None:
    assert nearest("run.step", ["run.steps", "run.stops"], most=1) == "; did you mean run.steps?"


def test_an_endless_line_keeps_what_and_where_and_what_to_do() -> None:
    endless = f"a.yaml:3: {'x' * 70_000}: unknown key; leave it out"
    text = str(DiagnoseError(f"2 faults\n{endless}"))
    assert text.startswith("2 faults\na.yaml:3: xxx")
    assert text.endswith("x: unknown key; leave it out")
    assert len(text) < HEAD + TAIL + 30
    assert str(DiagnoseError("x" * (HEAD + TAIL))) == "x" * (HEAD + TAIL)

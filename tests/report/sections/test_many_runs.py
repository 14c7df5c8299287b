"""Runs in a table: what all paths share is said once, and the worst comes first."""

from __future__ import annotations

from pathlib import Path

from report_text import shown

from diagnose import Report
from diagnose.report.sections.many_runs import Row, in_order, many_runs, many_runs_document


def test_the_folder_that_all_share_stands_in_the_title(failing: Report, healthy: Report) -> None:
    rows = in_order([Row(Path("out/b"), report=healthy), Row(Path("out/sub/a"), 40, 60, report=failing)])
    text = "\n".join(shown(many_runs(rows)))
    assert text.startswith("2 runs in `out`, worst first")
    assert text.index("sub/a") < text.index("healthy")
    assert "40 of 60" in text
    assert "out/" not in text.partition("worst first")[2]


def test_nothing_is_shared_where_paths_are_of_two_kinds(healthy: Report) -> None:
    text = "\n".join(shown(many_runs([Row(Path("/x/b"), report=healthy), Row(Path("c"), report=healthy)])))
    assert text.startswith("2 runs, worst first")
    assert "/x/b" in text
    assert "1 run, worst first" in "\n".join(shown(many_runs([Row(Path("x/y"), report=healthy)])))


def test_runs_that_were_not_judged_are_listed_by_age() -> None:
    rows = in_order([Row(Path("a"), age=None), Row(Path("b"), age=7200.0), Row(Path("c"), age=5.0)])
    assert [row.path.name for row in rows] == ["c", "b", "a"]
    text = "\n".join(shown(many_runs(rows)))
    assert all(words in text for words in ("3 runs, newest first", "5 s ago", "2 h ago", "unknown"))


def test_what_could_not_be_read_is_in_the_document(failing: Report) -> None:
    document = many_runs_document(in_order([Row(Path("x"), fault="x: no such file"), Row(Path("y"), report=failing)]))
    first, last = document["runs"]
    assert (first["status"], last["status"], last["fault"]) == (failing.verdict.status.value, None, "x: no such file")
    assert first["findings"]["critical"] >= 1

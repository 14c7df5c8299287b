"""The end of the page: thresholds with the user's first, and what each part of the proof rests on."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.sections.appendix import appendix, thresholds
from diagnose.verdict.report import Report


def test_what_the_user_set_is_flagged_with_what_it_replaces(failing: Report) -> None:
    _, rows, how = shown(thresholds(failing))
    own = next(row for row in rows.splitlines() if "**set by you**" in row)
    assert "`weight_ratio_min`" in own
    assert "instead of `1.5`" in own
    assert how == "Change any of them with `--set NAME=VALUE`."
    assert thresholds(replace(failing, parameters=())) == []


def test_parts_with_nothing_in_them_have_no_heading(failing: Report) -> None:
    bare = replace(failing, passed=(), findings=(), trace=())
    assert [block for block in shown(appendix(bare)) if block.startswith("#")] == [
        "## Appendix",
        "### How this report was made",
    ]

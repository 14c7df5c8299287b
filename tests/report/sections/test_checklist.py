"""The checklist before a run."""

from __future__ import annotations

from diagnose.report.sections.checklist import checklist, counts
from diagnose.verdict.report import Report


def test_every_item_has_its_state_and_reason(ahead: Report) -> None:
    heading, tally, rows = checklist(ahead)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in rows.splitlines()[2:]]
    assert heading == "## The checklist before a run"
    assert tally == "1 pass, 1 fail, 1 open."
    assert cells == [
        ["data set", "No corrupted frames.", "open", "Is one broken?"],
        ["model", "Boundary ratio 0.9.", "pass", ""],
        ["training", "At most 2200 steps.", "**fail**", "10000 are set. (`too-many`)"],
    ]


def test_a_run_has_no_checklist(failing: Report) -> None:
    assert checklist(failing) == []
    assert counts(failing) == []

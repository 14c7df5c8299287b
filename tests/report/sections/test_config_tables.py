"""What was written against what happens."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Place
from diagnose.report.sections.config_tables import checklist, counts, effective
from diagnose.verdict.report import Report
from diagnose.verdict.settings_in_effect import EffectiveSetting

LINE = Place("config.yaml", line=7)


def test_a_reason_is_given_once(healthy: Report) -> None:
    reasons = ("dropped", "dropped", "another", "dropped")
    rows = tuple(EffectiveSetting(f"train.k{n}", 1, 2, why, LINE) for n, why in enumerate(reasons))
    _, table = shown(effective(replace(healthy, effective=rows)))
    assert [line.split("|")[4].strip() for line in table.splitlines()[2:]] == [
        "dropped",
        "the same",
        "another",
        "dropped",
    ]


def test_every_item_has_its_state_and_reason(ahead: Report) -> None:
    heading, tally, rows = shown(checklist(ahead))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in rows.splitlines()[2:]]
    assert heading == "## The checklist before a run"
    assert tally == "1 passed, 1 failed, 1 unknown."
    assert cells == [
        ["data set", "No corrupted frames.", "unknown", "Is one broken?"],
        ["model", "Boundary ratio 0.9.", "passed", ""],
        ["training", "At most 2200 steps.", "**failed**", "10000 are set. (`too-many`)"],
    ]


def test_a_run_has_no_checklist(failing: Report) -> None:
    assert shown(checklist(failing)) == []
    assert counts(failing) == []

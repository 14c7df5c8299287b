"""What was written against what happens."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Place
from diagnose.report.sections.config_tables import checklist, counts, effective, needs, needs_in_words
from diagnose.verdict.needs import Needs
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


NOTHING = Needs(None, {"high": None, "low": None}, None, None, ())
ALL = Needs(27_000_000_000, {"high": 50.0, "low": 50.0}, (20.4, 24.9), "cannot tell", ("Disk: 22 saves 27 GB",))


def test_what_is_needed_in_a_line() -> None:
    passes = "passes over the data: 50 high, 50 low"
    assert needs_in_words(ALL) == f"27 GB of disk, 20 to 25 GB of GPU (cannot tell), {passes}"
    assert needs_in_words(replace(ALL, fits=None, disk_bytes=None)) == f"20 to 25 GB of GPU, {passes}"
    assert needs_in_words(replace(NOTHING, disk_bytes=5_000_000)) == "5.0 MB of disk"
    assert needs_in_words(NOTHING) == ""


def test_before_a_run_it_is_told_with_its_parts(ahead: Report) -> None:
    text = "\n".join(shown(needs(replace(ahead, needs=ALL))))
    assert "What the run needs" in text
    assert "Disk: 22 saves 27 GB." in text


def test_nothing_is_told_after_a_run_or_without_a_figure(failing: Report, ahead: Report) -> None:
    assert needs(failing) == []
    assert needs(replace(ahead, needs=NOTHING)) == []

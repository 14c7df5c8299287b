"""The top of the page says which data sets were looked at."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import read, shown

from diagnose.core.values import Severity
from diagnose.report.sections.opening import opening, outcome, tally
from diagnose.verdict.judgement import Supposed, Supposition
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import DatasetSummary

CLIPS = DatasetSummary("datasets[0]", "/data/clips", "given with --dataset", 12)


def about(report: Report, *datasets: DatasetSummary) -> str:
    return shown(opening(replace(report, run=replace(report.run, datasets=datasets))))[2]


def test_a_data_set_is_told_with_its_folder_and_why_there(ahead: Report) -> None:
    shown = about(ahead, CLIPS)
    assert shown.endswith("Of the data set 12 files in `/data/clips` were looked at (given with --dataset).")
    assert "data set" not in about(ahead)


def test_a_folder_that_two_entries_share_is_told_once(ahead: Report) -> None:
    other = replace(CLIPS, subject="datasets[2]", folder="/data/more", files=None, how="where the config says")
    shown = about(ahead, CLIPS, replace(CLIPS, subject="datasets[1]"), other)
    assert shown.count("/data/clips") == 1
    assert shown.endswith("Of the data set its files in `/data/more` were looked at (where the config says).")


def test_the_count_says_what_was_not_looked_at(ahead: Report) -> None:
    assert tally(ahead)[-1] == "not looked at: clips and captions (`--dataset DIR`)"
    hanging = replace(ahead, suppositions=(Supposition(("motion",), ()),))
    assert tally(hanging)[-1].endswith(", what hangs on the intent (`--intent`)")
    looked = replace(ahead, run=replace(ahead.run, datasets=(CLIPS,)))
    assert not any("not looked at" in part for part in tally(looked))
    empty = replace(ahead, run=replace(ahead.run, datasets=(replace(CLIPS, files=0),)))
    assert tally(empty)[-1] == "not looked at: clips and captions (the folder has none)"


def test_a_guessed_intent_is_called_guessed(ahead: Report) -> None:
    guessed = replace(ahead.run, intent_evidence=("inferred: trained on clips; --intent says otherwise",))
    assert "Intent: **motion** (guessed; `--intent` changes it)." in shown(opening(replace(ahead, run=guessed)))[2]


def test_no_command_is_offered_for_a_config_that_would_be_stopped(ahead: Report) -> None:
    assert "Next: `diagnose next" in read(outcome(ahead))
    fault = Supposed("arch-unknown", "TRP022", Severity.BLOCKER, "The trainer does not know it", "No.")
    assert "Next:" not in read(outcome(replace(ahead, next=replace(ahead.next, standing=(fault,)))))

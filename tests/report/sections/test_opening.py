"""The top of the page says which data sets were looked at."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.report.sections.opening import opening
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import DatasetSummary

CLIPS = DatasetSummary("datasets[0]", "/data/clips", "given with --dataset", 12)


def about(report: Report, *datasets: DatasetSummary) -> str:
    return shown(opening(replace(report, run=replace(report.run, datasets=datasets))))[2]


def test_a_data_set_is_told_with_its_folder_and_why_there(ahead: Report) -> None:
    shown = about(ahead, CLIPS)
    assert "Data set: 12 files in `/data/clips` checked (given with --dataset)." in shown
    assert "Data set" not in about(ahead)


def test_a_folder_that_two_entries_share_is_told_once(ahead: Report) -> None:
    other = replace(CLIPS, subject="datasets[2]", folder="/data/more", files=None, how="where the config says")
    shown = about(ahead, CLIPS, replace(CLIPS, subject="datasets[1]"), other)
    assert shown.count("/data/clips") == 1
    assert "Data set: all files in `/data/more` checked (where the config says)." in shown


def test_a_guessed_intent_is_called_guessed(ahead: Report) -> None:
    guessed = replace(ahead.run, intent_evidence=("inferred: trained on clips; --intent says otherwise",))
    assert "Intent: **motion** (guessed; `--intent` changes it)." in shown(opening(replace(ahead, run=guessed)))[2]

"""The top of the page says which data sets were looked at."""

from __future__ import annotations

from dataclasses import replace

from diagnose.report.sections.opening import opening
from diagnose.verdict.datasets import DatasetSummary
from diagnose.verdict.report import Report

CLIPS = DatasetSummary("datasets[0]", "/data/clips", "given with --dataset", 12)


def about(report: Report, *datasets: DatasetSummary) -> str:
    return opening(replace(report, run=replace(report.run, datasets=datasets)))[2]


def test_a_data_set_is_told_with_its_folder_and_why_there(ahead: Report) -> None:
    shown = about(ahead, CLIPS)
    assert shown.endswith("Of the data set 12 files in `/data/clips` were looked at (given with --dataset).")
    assert "data set" not in about(ahead)


def test_a_folder_that_two_entries_share_is_told_once(ahead: Report) -> None:
    other = replace(CLIPS, subject="datasets[2]", folder="/data/more", files=None, how="where the config says")
    shown = about(ahead, CLIPS, replace(CLIPS, subject="datasets[1]"), other)
    assert shown.count("/data/clips") == 1
    assert shown.endswith("Of the data set its files in `/data/more` were looked at (where the config says).")

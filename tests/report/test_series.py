"""The log step by step, as a table for programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from diagnose.cli.main import main
from diagnose.report.series import as_csv
from diagnose.sources.log_rows import LogRow

RUN = Path(__file__).parents[1] / "runs" / "data" / "fork-frozen"


def test_a_row_for_each_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "s.csv"
    assert main(["postmortem", str(RUN), "--series", str(target), "-o", str(tmp_path / "r.md")]) == 0
    assert "s.csv (40 rows)" in capsys.readouterr().err
    rows = list(csv.DictReader(target.read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(40))
    assert float(rows[0]["loss"]) > 0
    assert {"lr_high", "lr_low", "expert"} <= rows[0].keys()
    assert main(["postmortem", str(RUN), "--series", str(tmp_path / "s.json"), "-q"]) == 0
    document = json.loads((tmp_path / "s.json").read_text())
    assert document["schema"] == "diagnose/series/1"
    assert document["rows"][0]["loss"] == float(rows[0]["loss"])


@pytest.mark.parametrize(("name", "words"), [("s.txt", "ending"), ("old.csv", "--force")])
def test_where_it_may_go(name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.csv").write_text("mine")
    assert main(["postmortem", str(RUN), "--series", str(tmp_path / name)]) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.out == ""


def test_no_text_of_the_log_is_a_formula_in_a_spreadsheet() -> None:
    row = LogRow(1, None, phase="=HYPERLINK(1)", loss=-1.5)
    (found,) = csv.DictReader(as_csv([row]).splitlines())
    assert (found["phase"], found["loss"]) == ("'=HYPERLINK(1)", "-1.5")

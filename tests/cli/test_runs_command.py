"""Several runs in a table, worst first; a folder of runs listed with state and age."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest

from diagnose.cli.main import main

RUNS = Path(__file__).parents[1] / "runs" / "data"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The folder of a trainer with two jobs, a folder that is none, and a stray file."""
    folder = tmp_path / "output"
    for name in ("fork-frozen", "fork-nan"):
        shutil.copytree(RUNS / name, folder / name)
    (folder / "notes").mkdir()
    (folder / "notes" / "todo.txt").write_text("nothing")
    (folder / "readme.txt").write_text("nothing")
    return folder


def test_a_folder_of_runs_is_listed_newest_first(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, age in (("fork-frozen", 3 * 86400), ("fork-nan", 7200)):
        for file in (output / name).iterdir():
            os.utime(file, (time.time() - age,) * 2)
    assert main([str(output)]) == 0
    shown = capsys.readouterr()
    assert "2 runs in `" in shown.out
    assert shown.out.index("fork-nan") < shown.out.index("fork-frozen")
    assert "2 h ago" in shown.out
    assert "3 d ago" in shown.out
    assert "--all" in shown.err


def test_all_judges_them_and_the_worst_comes_first(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", str(output), "--all", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["runs"]
    assert [row["status"] for row in rows] == ["blocked", "failing"]
    assert rows[0]["name"] == "i_nan"
    assert rows[0]["steps_trained"] == 40
    assert main(["runs", str(output), "--all", "--fail-on", "critical"]) == 1


def test_runs_and_configs_go_in_one_table(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(RUNS / "fork-snr" / "config.yaml")
    assert main([str(output / "fork-frozen"), config, "--format", "terminal"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"2 runs( in \S+)?, worst first", lines[0])  # with the folder they share, if they do
    assert [line.split()[0] for line in lines[2:] if line.strip()][1] == "blocked"


def test_one_that_cannot_be_read_costs_its_line_alone(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (output / "bad.yaml").write_text("- 1\n")
    assert main(["preflight", str(RUNS / "fork-frozen" / "config.yaml"), str(output / "bad.yaml")]) == 2
    shown = capsys.readouterr()
    assert "bad.yaml" in shown.err
    assert "not judged" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["postmortem", "{}"], "holds 2 runs, fork-frozen, fork-nan; give one"),
        (["postmortem", "{}/fork-nan", "{}/fork-frozen", "--log", "x"], "--ui-tab go with one run"),
        (["{}/fork-nan", "{}/fork-frozen", "-o", "x.html"], "html shows one run"),
        (["postmortem", "{}/fork-nan", "{}/fork-frozen", "--format", "html"], "html shows one run"),
        (["runs", "{}/fork-nan"], "no folder of runs"),
        (["{}/readme.txt"], "is no console of a training"),
    ],
)
def test_what_does_not_fit_is_one_line(
    arguments: list[str], words: str, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([each.format(output) for each in arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_no_table_is_written_into_a_run(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = output / "fork-nan" / "table.md"
    assert main([str(output / "fork-nan"), str(output / "fork-frozen"), "-o", str(table)]) == 2
    assert "never written to" in capsys.readouterr().err
    assert not table.exists()

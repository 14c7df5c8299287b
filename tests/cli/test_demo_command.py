"""The demo judges what is there, and writes an example where nothing is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diagnose.cli.main import main

RUN = Path(__file__).parents[1] / "runs" / "data" / "fork-frozen"


def test_a_run_that_is_there_is_judged_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(RUN, tmp_path / "mine")
    before = {path: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    assert main(["demo", str(tmp_path / "mine")]) == 0
    shown = capsys.readouterr()
    assert "is there already" in shown.err
    assert not shown.out.startswith("# "), "the terminal view, wherever it goes"
    assert {path: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before

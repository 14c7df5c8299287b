"""A result is printed, or written whole to where nothing of the run lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.cli.options import NEVER
from diagnose.cli.output import reaches, refuse_inside, write_whole
from diagnose.core.errors import DiagnoseError
from diagnose.core.values import Severity


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.md", "old")
    write_whole(tmp_path / "report.md", "new\n")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    with pytest.raises(DiagnoseError, match="choose another -o"):
        write_whole(tmp_path / "nowhere" / "report.md", "new")


def test_the_run_folder_is_never_written_to(tmp_path: Path) -> None:
    refuse_inside(None, tmp_path)
    refuse_inside(tmp_path.parent / "report.md", tmp_path)
    with pytest.raises(DiagnoseError, match="never written to"):
        refuse_inside(tmp_path / "." / "report.md", tmp_path)


def test_a_level_is_reached_by_what_is_as_bad_or_worse() -> None:
    assert reaches([Severity.INFO, Severity.CRITICAL], "major")
    assert not reaches([Severity.MINOR], "major")
    assert not reaches([Severity.BLOCKER], NEVER)

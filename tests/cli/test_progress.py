"""The bar is for terminals, covers statistics and comparisons, and changes no result."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from lora_files import factors
from msgspec.structs import replace
from safetensors.torch import save_file

from diagnose.cli import progress
from diagnose.cli.messages import Volume, set_volume
from diagnose.cli.progress import follow_with_progress, measure_with_progress, working
from diagnose.core.activity import doing
from diagnose.core.errors import DiagnoseError
from diagnose.sources.readings import CheckpointFile
from diagnose.trainers.aitoolkit.checkpoint_files import read_checkpoint


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[CheckpointFile]:
    monkeypatch.setenv("DIAGNOSE_CACHE_DIR", str(tmp_path / "cache"))
    paths = [tmp_path / f"j_{step:09d}_high_noise.safetensors" for step in (100, 200, 300)]
    for seed, path in enumerate(paths):
        save_file(factors(seed=seed), path)
    return [read_checkpoint(path, run_dir=tmp_path) for path in paths]


def test_nobody_at_the_terminal_sees_nothing(
    checkpoints: list[CheckpointFile], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(follow_with_progress(checkpoints).headings) == 1
    assert capsys.readouterr() == ("", "")


def test_the_bar_goes_from_the_files_to_the_comparisons(
    checkpoints: list[CheckpointFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    shown = follow_with_progress(checkpoints)
    assert "j_000000300_high_noise.safetensors" in screen.getvalue()
    assert [file.file for file in shown.files] == [each.file for each in checkpoints]
    measured = measure_with_progress(checkpoints)
    assert [file.experts for file in measured] == [file.experts for file in shown.files]


def test_long_work_has_a_line_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_TICK", 0.01)
    with working("judging"):
        doing("reading clips\x1b[31m", 12, 30)
        while "12 of 30" not in screen.getvalue():
            pass
    assert "reading clips\N{REPLACEMENT CHARACTER}[31m 12 of 30 (0 s)" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_short_work_and_quiet_work_have_none(
    monkeypatch: pytest.MonkeyPatch, checkpoints: list[CheckpointFile]
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with working("judging"):
        doing("reading clips", 1, 1)
    set_volume(Volume.QUIET)
    try:
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        with working("judging"):
            follow_with_progress(checkpoints)
    finally:
        set_volume(Volume.NORMAL)
    assert screen.getvalue() == ""


def test_no_name_of_a_file_steers_the_terminal(
    checkpoints: list[CheckpointFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    renamed = replace(checkpoints[0], file="\x1b]0;owned\x07.safetensors")
    with working("judging"):
        measure_with_progress([renamed])
    assert "\x1b]0;" not in screen.getvalue()
    assert "owned" in screen.getvalue()


def test_the_line_comes_back_where_the_work_of_the_bar_fails(
    checkpoints: list[CheckpointFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        assert progress._lines[0].hidden
        raise DiagnoseError("cannot be read")

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("diagnose.weights.measure.measure_run", fail)
    with working("judging"):
        with pytest.raises(DiagnoseError):
            measure_with_progress(checkpoints)
        assert not progress._lines[0].hidden

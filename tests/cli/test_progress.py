"""The bar is for terminals, covers statistics and comparisons, and changes no result."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from lora_files import factors
from safetensors.torch import save_file

from diagnose.cli.progress import follow_with_progress, measure_with_progress
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

"""`diagnose motion RUN_DIR`: the previews of a run, step by step."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from motion_runs import motion_run

from diagnose.cli.main import EXIT_USER, main

pytest.importorskip("cv2", reason="opencv-python-headless is not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("motion") / "job"
    return motion_run(folder, lambda step: 0.5 if step else 1.0, steps=(0, 100), prompts=2, scatter=0)


def test_the_steps_are_a_table(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(run)]) == 0
    told = capsys.readouterr().out
    assert "Against step 0" in told
    assert "as much as at step 0, the model without the LoRA." in " ".join(told.split())


def test_every_preview_is_a_row(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(run), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["prompt"], row["step"], row["seed"]) for row in rows] == [
        ("1", "0", "42"),
        ("1", "100", "42"),
        ("2", "0", "42"),
        ("2", "100", "42"),
    ]
    assert all(float(row["amount"]) > 0 for row in rows)


def test_the_document_has_the_series(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(run), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "diagnose/motion/1"
    assert [each["step"] for each in found["steps"]] == [0, 100]
    assert len(found["series"]["prompts"]) == 2


def test_a_run_is_shown_alone_and_needs_previews(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(run), str(run)]) == EXIT_USER
    assert "give it alone" in capsys.readouterr().err
    (tmp_path / "config.yaml").write_text((run / "config.yaml").read_text())
    assert main(["motion", str(tmp_path)]) == EXIT_USER
    assert "no previews to measure" in capsys.readouterr().err

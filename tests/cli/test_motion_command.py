"""`diagnose motion`: clips and folders of them as a table, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from clips import write_clip
from moving_clips import moving_clip

from diagnose.cli.main import main
from diagnose.sources.video import workers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "clips"
    home.mkdir()
    write_clip(home / "slow.mp4", moving_clip("pan", 0.2, count=5))
    write_clip(home / "fast.mp4", moving_clip("pan", 0.4, count=5))
    (home / "cut\n.mp4").write_bytes(b"no film")
    (home / ".thumb.mp4").write_bytes(b"hidden")
    (home / "notes.txt").write_text("no clip")
    return home


def test_a_folder_as_json_and_what_is_skipped_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(folder), "--format", "json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert [Path(each["file"]).name for each in found["clips"]] == ["fast.mp4", "slow.mp4"]
    assert [each["amount"] for each in found["clips"]] == pytest.approx([0.4, 0.2], rel=0.1)
    assert [each["reason"] for each in found["skipped"]] == ["truncated, or not a video"]
    assert said.err.count("skipped: ") == 1
    assert len(said.err.splitlines()) == 1


def test_csv_has_a_row_for_each_clip(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(folder / "slow.mp4"), str(folder), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [Path(row["file"]).name for row in rows] == ["slow.mp4", "fast.mp4"]
    assert float(rows[0]["trust"]) > 0.9


def test_the_table_says_what_its_columns_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", str(folder / "slow.mp4")]) == 0
    said = capsys.readouterr().out
    assert "short sides of the picture per second" in " ".join(said.split())
    assert "camera" in said


@pytest.mark.parametrize(
    ("name", "fault"),
    [("cut\n.mp4", "truncated, or not a video"), ("notes.txt", "truncated"), ("none.mp4", "no such file")],
)
def test_a_named_file_that_is_none_is_an_error(
    folder: Path, name: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["motion", str(folder / name)]) == 2
    said = capsys.readouterr().err
    assert fault in said
    assert len(said.splitlines()) == 1


def test_without_opencv_one_line_says_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workers, "is_here", lambda module: module != "cv2")
    assert main(["motion", str(folder)]) == 2
    assert "pip install 'diagnose[video]'" in capsys.readouterr().err


def test_a_folder_without_clips_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("no clip")
    assert main(["motion", str(tmp_path)]) == 2
    assert "no clip that can be measured" in capsys.readouterr().err

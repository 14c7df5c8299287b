from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.core.paths import shown
from diagnose.sources.readings import SampleFile
from diagnose.trainers.aitoolkit.file_names import ALPHA_STATE, METRICS, SAMPLE, sample_file, sample_files


def test_a_path_in_the_run_is_shown_relative_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(tmp_path / "samples" / "a.webp", tmp_path) == "samples/a.webp"
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a.log", Path()) == "a.log"
    assert shown(Path("a.log"), tmp_path) == "a.log"


def test_a_path_elsewhere_is_shown_as_it_was_given(tmp_path: Path) -> None:
    assert shown(Path("../other/a.log"), tmp_path) == "../other/a.log"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("job_000000020_alpha_scheduler.json", "000000020"),
        ("job_alpha_scheduler.json", None),
        ("job_20_alpha_scheduler.json", None),
    ],
)
def test_the_step_of_an_alpha_state(name: str, step: str | None) -> None:
    match = ALPHA_STATE.fullmatch(name)
    assert match is not None
    assert match["step"] == step


def test_names_of_others_are_not_taken() -> None:
    assert METRICS.fullmatch("my_metrics_job.jsonl") is None
    assert SAMPLE.fullmatch("1795406082575__000000000_0.webp.jpg") is None
    assert ALPHA_STATE.fullmatch("config.json") is None


def test_the_name_says_time_step_and_prompt() -> None:
    path = Path("run/samples/1795406210145__000000300_1.webp")
    expected = SampleFile("samples/1795406210145__000000300_1.webp", step=300, prompt=1, epoch_ms=1795406210145)
    assert sample_file(path, run_dir=Path("run")) == expected


@pytest.mark.parametrize("name", ["a.webp", "1__2_0.webp", "1795406210145__000000300_1", ".DS_Store"])
def test_other_names_say_nothing(name: str) -> None:
    assert sample_file(Path(name), run_dir=Path()) is None


def test_samples_come_by_step_then_prompt() -> None:
    names = ["9__000000100_0.webp", "1__000000100_1.mp4", "5__000000000_0.png", "notes.txt"]
    found = sample_files([Path(name) for name in names], run_dir=Path())
    assert [(sample.step, sample.prompt) for sample in found] == [(0, 0), (100, 0), (100, 1)]

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.sources.samples import SampleFile, sample_file, sample_files


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

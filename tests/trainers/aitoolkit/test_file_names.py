from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.sources.readings import SampleFile
from diagnose.trainers.aitoolkit.file_names import ALPHA_STATE, METRICS, READERS, SAMPLE

PREVIEWS, OPTIMIZER = READERS


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
    assert PREVIEWS.read(path, run_dir=Path("run")) == expected


@pytest.mark.parametrize("name", ["a.webp", "1__2_0.webp", "1795406210145__000000300_1", ".DS_Store"])
def test_other_names_are_no_previews(name: str) -> None:
    assert PREVIEWS.names.fullmatch(f"samples/{name}") is None


@pytest.mark.parametrize("ending", ["webp", "mp4", "gif", "png", "jpg", "JPEG"])
def test_pictures_and_videos_are_previews(ending: str) -> None:
    assert PREVIEWS.names.fullmatch(f"samples/1795406210145__000000300_1.{ending}")


@pytest.mark.parametrize(
    "name", [".thumbs/{}.webp.jpg", ".tmp/{}.webp", "{}.txt", "{}.wav", "._{}.webp", "{}.webp.thumb"]
)
def test_what_is_beside_them_is_not(name: str) -> None:
    assert PREVIEWS.names.fullmatch(f"samples/{name.format('1795406210145__000000300_1')}") is None

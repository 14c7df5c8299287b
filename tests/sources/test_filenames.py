from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.sources.filenames import ALPHA_STATE, METRICS, SAMPLE, shown


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

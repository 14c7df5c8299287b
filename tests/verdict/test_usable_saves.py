"""What is worth keeping of a run that diverged, and which advice still holds."""

from __future__ import annotations

import shutil
from pathlib import Path

from lora_files import factors
from safetensors.torch import save_file

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent, Severity

NAN = Path(__file__).parents[1] / "runs" / "data" / "fork-nan"
MOTION = Settings(intent=Intent.MOTION)


def diverged(folder: Path, *steps: int) -> Report:
    """The run whose losses are NaN from step 1 on, with saves of these steps."""
    run = folder / "i_nan"
    shutil.copytree(NAN, run)
    for step in steps:
        for seed, expert in enumerate(("high", "low")):
            save_file(factors(seed=seed), run / f"i_nan_{step:09d}_{expert}_noise.safetensors")
    return postmortem(run, MOTION)


def test_no_save_from_after_the_first_nan_is_worth_keeping(tmp_path: Path) -> None:
    report = diverged(tmp_path, 20, 40)
    assert report.evolution is not None
    assert report.evolution.keep is not None
    assert report.evolution.keep.nothing == "the losses were NaN from step 1 on, and every save is from later"
    assert report.evolution.keep.steps == ()
    assert report.evolution.locations == ()
    assert [row.keep for row in report.checkpoints] == [False, False]
    assert report.run.resumes_from is None


def test_a_save_from_before_it_is(tmp_path: Path) -> None:
    report = diverged(tmp_path, 1, 20)
    assert report.evolution is not None
    assert report.evolution.keep is not None
    assert report.evolution.keep.steps == (1,)
    assert dict(report.evolution.keep.against) == {20: "divergence"}


def test_a_broken_save_from_before_it_is_not(tmp_path: Path) -> None:
    diverged(tmp_path, 1, 20)
    broken = tmp_path / "i_nan" / "i_nan_000000001_high_noise.safetensors"
    save_file({name: tensor * float("nan") for name, tensor in factors(seed=0).items()}, broken)
    report = postmortem(tmp_path / "i_nan", MOTION)
    assert report.evolution is not None
    assert report.evolution.keep is not None
    assert report.evolution.keep.steps == ()
    assert report.evolution.keep.nothing
    assert [row.keep for row in report.checkpoints] == [False, False]


def test_the_rate_that_diverged_is_named_and_set_back(tmp_path: Path) -> None:
    report = diverged(tmp_path)
    (extreme,) = (finding for finding in report.findings if finding.name == "learning-rate-extreme")
    assert (extreme.subject, extreme.severity) == ("train.lr", Severity.BLOCKER)
    assert "far above the usual" in extreme.message
    (change,) = (change for change in report.next.changes if change.path == "train.lr")
    assert change.new is not None
    assert 0 < float(change.new) <= 3e-4
    assert not report.next.conflicts


def test_nobody_is_sent_back_to_a_save_from_before_the_nan_where_there_is_none(tmp_path: Path) -> None:
    for name, steps, sent in (("none", (20, 40), False), ("one", (1, 20), True)):
        report = diverged(tmp_path / name, *steps)
        every = [*report.next.changes, *(change for finding in report.findings for change in finding.changes)]
        assert any("nothing saved after the first NaN can be used" in change.because for change in every) is sent
        assert any("lower the learning rate" in change.because for change in every)
        assert {each.by for each in report.unsaid} == (set() if sent else {"training-diverged"}) or sent


def test_an_unfinished_run_goes_on_from_its_last_whole_save(v17_dir: Path, tmp_path: Path) -> None:
    for pattern in ("config.yaml", "*_000000700_*", "*_000000800_*", "*_000000900_high*"):
        for file in v17_dir.glob(pattern):
            shutil.copy(file, tmp_path)
    assert postmortem(tmp_path, MOTION).run.resumes_from == 800
    assert postmortem(v17_dir, MOTION).run.resumes_from is None

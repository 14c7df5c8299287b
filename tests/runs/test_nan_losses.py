"""NaN losses in a whole run: a broken clip, a divergence, and a model that was broken before the first update."""

from __future__ import annotations

from pathlib import Path

from made_runs import made_run

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent

MOTION = Settings(intent=Intent.MOTION)
NAN = {"loss": 0.0}


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


def advice(report: Report) -> str:
    return " ".join(change.because for finding in report.findings for change in finding.changes)


def test_nan_on_every_batch_to_the_end_is_no_broken_clip(tmp_path: Path) -> None:
    report = postmortem(made_run(tmp_path, 2000, lambda step: NAN if step >= 1600 else {}), MOTION)
    assert "training-diverged" in names(report)
    assert "nan-losses" not in names(report)
    finding = next(finding for finding in report.findings if finding.name == "training-diverged")
    assert "step 1600" in finding.message
    assert "train.lr is 1e-4" in finding.message


def test_one_broken_clip_of_ten_is_one(tmp_path: Path) -> None:
    report = postmortem(made_run(tmp_path, 2000, lambda step: NAN if step % 10 == 3 else {}), MOTION)
    assert "nan-losses" in names(report)
    assert not {"training-diverged", "losses-mostly-nan"} & names(report)


def test_isolated_zeros_under_linear_sampling_are_nan(tmp_path: Path) -> None:
    for sampling, seen in (("linear", True), ("weighted", False)):
        change = lambda step: NAN if step % 40 == 3 else {}  # noqa: E731
        report = postmortem(made_run(tmp_path, 2000, change, timestep_type=sampling), MOTION)
        assert ("nan-losses" in names(report)) is seen


def test_nan_from_the_first_step_is_no_matter_of_the_rate(tmp_path: Path) -> None:
    report = postmortem(made_run(tmp_path, 300, lambda _: NAN), MOTION)
    assert "nan-from-the-first-step" in names(report)
    assert not {"training-diverged", "losses-mostly-nan", "nan-losses"} & names(report)
    assert "learning rate" not in advice(report)
    assert "Every other explanation" not in str([finding.unrivalled for finding in report.findings[:1]])


def test_a_rate_without_measure_is_named_with_the_step_that_it_broke(tmp_path: Path) -> None:
    report = postmortem(made_run(tmp_path, 60, lambda step: NAN if step % 100 else {}, lr=1e20), MOTION)
    finding = next(finding for finding in report.findings if finding.name == "training-diverged")
    assert "step 1" in finding.message
    assert "train.lr is 1e20" in finding.message

"""The motion in the previews, from the files to the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from clips import write_clip
from labelled_runs import HOMES
from motion_runs import SPEEDS, STEPS, motion_run, name_of, noise, panned, write_preview

from diagnose import Report, postmortem
from diagnose.inputs import facts_at_a_glance, run_inputs
from diagnose.motion.measured import TRUST_LEAST, ClipMotion
from diagnose.report.formats import render
from diagnose.settings import Settings

pytest.importorskip("cv2", reason="opencv-python-headless is not installed")

TURN = 400
ABOUT_A_CHANGE = {"motion-degraded", "motion-rose", "samples-are-noise", "loss-improves-while-motion-falls"}
RANDOM = sorted(
    {run.name: run for home in HOMES if home.is_dir() for run in home.iterdir() if (run / "samples").is_dir()}.values()
)
"""Runs of the real trainers on a small random model, with previews: all of them show noise."""


@pytest.fixture(scope="module")
def falling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose previews lose 60 % of their motion at a step."""
    return motion_run(tmp_path_factory.mktemp("falling") / "job", lambda step: 0.4 if step >= TURN else 1.0)


@pytest.fixture(scope="module")
def fallen(falling: Path) -> Report:
    return postmortem(falling, intent="motion")


@pytest.fixture(scope="module")
def constant(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return postmortem(motion_run(tmp_path_factory.mktemp("constant") / "job", lambda _: 1.0), intent="motion")


def test_a_fall_is_measured_step_by_step(fallen: Report) -> None:
    assert fallen.motion is not None
    assert fallen.motion.against == 0
    ratios = {each.step: each.ratio for each in fallen.motion.steps}
    assert list(ratios) == list(STEPS)
    for step, ratio in ratios.items():
        if step:
            assert ratio == pytest.approx(0.4 if step >= TURN else 1.0, rel=0.1)
    last = fallen.motion.steps[-1]
    assert last.high is not None
    assert last.high < 0.5
    assert last.prompts == 4


def test_a_constant_run_stays_where_it_is(constant: Report) -> None:
    assert constant.motion is not None
    assert all(each.ratio == pytest.approx(1.0, abs=0.1) for each in constant.motion.steps if each.ratio is not None)


def test_the_fall_is_a_finding_with_the_step_at_which_it_came(fallen: Report) -> None:
    found = {each.name: each for each in fallen.findings}
    assert "motion-degraded" in found
    assert f"from step {TURN} on" in found["motion-degraded"].message
    assert fallen.motion is not None
    course = fallen.motion.course
    assert course is not None
    assert (course.turned_at, course.way, course.prompts) == (TURN, "at once", 4)
    assert course.best_step is not None
    assert course.best_step < TURN
    text = render(fallen, "markdown", full=True)
    assert f"as much as before, from step {TURN} on**, at once" in text
    assert f"from step {TURN}</text>" in render(fallen, "html")


def test_a_constant_run_is_not_blamed(constant: Report) -> None:
    assert not {each.name for each in constant.findings} & ABOUT_A_CHANGE
    assert constant.motion is not None
    assert constant.motion.course is not None
    assert constant.motion.course.steady
    assert "**The motion neither falls nor rises over the steps** (4 prompts)" in render(
        constant, "markdown", full=True
    )


@pytest.mark.parametrize("form", ["markdown", "html", "terminal", "json"])
def test_every_view_has_it(fallen: Report, form: str) -> None:
    text = render(fallen, form, full=True)
    if form == "json":
        document = json.loads(text)["motion"]
        assert [each["step"] for each in document["steps"]] == list(STEPS)
        assert [each["step"] for each in document["prompts"][0]["points"]] == list(STEPS)
        assert {"step", "amount", "strong", "camera", "object", "trust", "file"} == document["prompts"][0]["points"][
            0
        ].keys()
        assert document["change"]["from_step"] == TURN
        assert document["change"]["band"][0] < document["change"]["factor"] < document["change"]["band"][1]
        assert 0 < document["change"]["power"] <= 1
        assert document["definition"].startswith("Motion: mean speed")
    else:
        assert "Motion" in text
        assert "Against step 0" in text


def test_it_can_be_left_out(falling: Path) -> None:
    report = postmortem(falling, intent="motion", motion=False)
    assert report.motion is None
    assert "motion" not in json.loads(render(report, "json"))
    assert facts_at_a_glance(falling).evidence.motion is None


def test_noise_has_no_figure(tmp_path: Path) -> None:
    run = motion_run(tmp_path / "job", lambda _: 1.0, steps=(0, 100), prompts=2)
    for step in (0, 100):
        for prompt in (0, 1):
            write_preview(run / name_of(step, prompt), noise(step + prompt))
    report = postmortem(run, intent="motion")
    assert report.motion is not None
    assert not report.motion.measured
    assert "The previews are noise" in render(report, "markdown", full=True)


def test_a_broken_preview_costs_itself_alone(tmp_path: Path) -> None:
    run = motion_run(tmp_path / "job", lambda _: 1.0, steps=(0, 100), prompts=2)
    (run / name_of(100, 1)).write_bytes(b"RIFF" + b"\0" * 40)
    (run / "samples" / ".DS_Store").write_bytes(b"x")
    (run / "samples" / "holiday.mp4").write_bytes(b"x")
    report = postmortem(run, intent="motion")
    assert report.motion is not None
    assert [each.file for each in report.motion.unmeasured] == [name_of(100, 1)]
    assert [(each.step, each.prompts, each.previews) for each in report.motion.steps] == [(0, 2, 2), (100, 1, 2)]


def test_pictures_alone_are_not_measured(tmp_path: Path) -> None:
    run = motion_run(tmp_path / "job", lambda _: 1.0, steps=(0, 100), prompts=1, num_frames=1)
    for each in (run / "samples").iterdir():
        each.rename(each.with_suffix(".png"))
    report = postmortem(run, intent="motion")
    assert report.motion is not None
    assert not report.motion.measured
    told = "There is no motion to measure in the previews: prompt 1: one frame, so there is no motion."
    assert told in render(report, "markdown", full=True)


def test_a_folder_of_previews_is_a_run_too(tmp_path: Path) -> None:
    run = motion_run(tmp_path / "job", lambda _: 1.0, steps=(0, 100), prompts=1)
    (run / "config.yaml").unlink()
    report = postmortem(run)
    assert report.motion is not None
    assert [each.seed for each in report.motion.series.prompts] == [None]


@pytest.mark.parametrize(("frames", "times"), [(33, 1.0), (65, 2.0)])
def test_training_clips_are_a_reference_at_the_speed_at_which_they_are_taught(
    tmp_path: Path, frames: int, times: float
) -> None:
    run = motion_run(tmp_path / "job", lambda _: 1.0, steps=(0, 100), prompts=1)
    clips = tmp_path / "clips"
    clips.mkdir()
    for number in range(2):
        pictures = [np.asarray(each.convert("L")) for each in panned(number, SPEEDS[0], frames)]
        write_clip(clips / f"{number}.mp4", pictures)
        (clips / f"{number}.txt").write_text("a walk")
    report = postmortem(run, intent="motion", dataset=clips)
    assert report.motion is not None
    baseline = report.motion.steps[0].amount
    assert baseline is not None
    assert report.motion.clip_amount == pytest.approx(times * baseline, rel=0.15)
    assert report.curves.clip is not None
    assert report.curves.clip.path.parent == clips


@pytest.mark.parametrize("run", RANDOM, ids=lambda run: run.name)
def test_on_a_random_model_nothing_is_claimed(run: Path) -> None:
    measured = run_inputs(run, Settings(), measure=None).motion
    assert measured is not None
    assert all(isinstance(each, ClipMotion) and each.trust < TRUST_LEAST for each in measured.previews.values())
    report = postmortem(run, intent="motion")
    assert report.motion is not None
    assert not report.motion.measured
    claims = [each.name for each in report.findings if each.name.startswith("motion-") or each.name in ABOUT_A_CHANGE]
    assert claims == []

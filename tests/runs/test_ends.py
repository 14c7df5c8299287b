"""How runs end, or do not: mixed folders, runs that go on, deaths, resumes of old versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from made_runs import made_run, row, write_config, write_metrics

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent

MOTION = Settings(intent=Intent.MOTION)
START = "Running 1 job\n# Running job: job\n"
RESUMING = "#### IMPORTANT RESUMING FROM out/job_low_noise.safetensors ####\nFound step 99 in metadata\n"


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


def bars(*steps: int, total: int = 2000) -> str:
    """The training bar of the fork at these steps."""
    told = [f"job:   0%|     | {max(steps[0], 0)}/{total} [00:00<?, ?it/s]"]
    for step in steps:
        numbers = f"lr: 1.0e-04 loss: {0.1 + step / 1000:.3e}"
        told += [f"job:   1%|     | {at}/{total} [00:08<09:00,  8.00s/it, {numbers}]" for at in (step, step + 1)]
    return "\r".join(told) + "\n"


def test_steps_of_two_runs_in_a_folder_are_not_one_finished_run(tmp_path: Path) -> None:
    mixed = made_run(tmp_path, 60)
    write_config(mixed, steps=40)
    report = postmortem(mixed, MOTION)
    assert report.run.ended == "log or files are not all of this config"
    assert report.run.finished is None
    assert "steps-beyond-config" in names(report)


def test_a_run_that_may_still_be_going_is_told_as_one(tmp_path: Path) -> None:
    run = made_run(tmp_path, 300)
    (run / "log.txt").write_text(START + bars(*range(297, 300)))
    report = postmortem(run, MOTION)
    assert "still going" in report.run.ended
    assert "run-shows-no-end" in names(report)
    assert not {"trained-too-short", "training-crashed"} & names(report)


def test_a_killed_run_is_not_too_short(tmp_path: Path) -> None:
    run = made_run(tmp_path, 300)
    (run / "log.txt").write_text(START + bars(*range(297, 300)) + "run.sh: line 3:  42 Killed   python run.py\n")
    report = postmortem(run, MOTION)
    assert report.run.ended == "killed by the system at step 299"
    assert "killed-by-system" in names(report)
    assert not {"trained-too-short", "run-shows-no-end"} & names(report)


def test_the_end_of_a_console_tells_of_a_crash(tmp_path: Path) -> None:
    write_config(tmp_path)
    trace = 'Traceback (most recent call last):\n  File "/x/toolkit/sampler.py", line 3, in sample\n    sample()\n'
    (tmp_path / "end.txt").write_text(f"{trace}ValueError: no\n")
    report = postmortem(tmp_path, MOTION)
    assert "training-crashed" in names(report)
    assert report.run.steps_trained is None


def test_a_state_that_was_not_loaded_is_told(tmp_path: Path) -> None:
    run = made_run(tmp_path, 200)
    failed = "Loading optimizer state from out/optimizer.pt\nFailed to load optimizer state from out/optimizer.pt\n"
    first = START + bars(*range(90, 100))
    (run / "log.txt").write_text(first + START + RESUMING + failed + bars(*range(100, 200)))
    report = postmortem(run, MOTION)
    finding = next(finding for finding in report.findings if finding.name == "optimizer-state-not-loaded")
    assert "could not be read" in finding.message


def test_a_fault_of_an_old_version_explains_what_a_resumed_log_shows(tmp_path: Path) -> None:
    for year, explained in ((2025, True), (2026, False)):
        write_config(tmp_path, optimizer="automagic", lr=1e-5)
        begin = datetime(year, 10, 1)  # noqa: DTZ001 - the trainer writes naive local times

        def logged(step: int) -> dict[str, object]:
            later = step >= 250
            when = begin + timedelta(seconds=step + (3600 if later else 0))  # noqa: B023 - called within the loop
            expert = "low_noise" if (step - 250 if later else step) // 100 % 2 else "high_noise"
            rates = {"lr_0": 1e-5 + 1e-7 * (step % 200), "lr_1": 1e-5 + 1e-7 * (step % 200) if step > 99 else 0.0}
            return {**row(step), "timestamp": when.isoformat(), "expert": expert, "learning_rate": None, **rates}

        write_metrics(tmp_path, [logged(step) for step in range(500)])
        found = names(postmortem(tmp_path, MOTION))
        assert ("resume-of-an-old-version" in found) is explained
        assert ("config-and-run-disagree" not in found) is explained

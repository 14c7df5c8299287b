"""The next run's name: new where a run stands behind the config, kept where none does or where that run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import TRAINERS
from trainer_names import AI_TOOLKIT

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Intent
from diagnose.report.formats import render
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.declared import Config
from diagnose.verdict.next.going_on import new_names, next_name

MOTION = Settings(intent=Intent.MOTION)
UPSTREAM_RUN = Path(__file__).parents[2] / "runs" / "data" / "upstream-resumed"


def copied(run: Path, target: Path, *left_out: str) -> Path:
    return Path(shutil.copytree(run, target, ignore=shutil.ignore_patterns(*left_out)))


def told(report: Report) -> dict[str, tuple[object, object]]:
    return {change.path: (change.old, change.new) for change in report.next.changes if change.path}


def emitted(report: Report) -> dict[str, Any]:
    assert report.next.config is not None
    return dict(yaml.safe_load(report.next.config)["config"])


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("wave", set(), "wave_next"),
        ("wave", {"wave_next"}, "wave_next2"),
        ("wave_next", {"wave", "wave_next"}, "wave_next2"),
        ("wave_next", set(), "wave_next2"),
        ("wave_next2", {"wave_next3", "wave_next4"}, "wave_next5"),
        ("wave", {"wave_next_low"}, "wave_next2"),
        ("the_next_one", set(), "the_next_one_next"),
    ],
)
def test_the_name_is_one_that_nothing_has(name: str, taken: set[str], expected: str) -> None:
    assert next_name(name, taken, ("", "_high", "_low")) == expected


def test_a_run_is_not_resumed_by_the_next_config(v15_dir: Path, tmp_path: Path) -> None:
    run = copied(v15_dir, tmp_path / "run-v15")
    report = next_config(run, MOTION)
    old = yaml.safe_load((run / "config.yaml").read_text())["config"]["name"]
    assert told(report)["config.name"] == (old, f"{old}_next")
    assert emitted(report)["name"] == f"{old}_next"
    (tmp_path / f"{old}_next").mkdir()
    assert emitted(next_config(run, MOTION))["name"] == f"{old}_next2"


def test_a_config_that_was_never_run_keeps_its_name(v15_dir: Path, tmp_path: Path) -> None:
    first = next_config(v15_dir, MOTION)
    assert first.next.config is not None
    again = tmp_path / "next.yaml"
    again.write_text(first.next.config)
    second = preflight(again, MOTION)
    assert "config.name" not in told(second)
    assert second.next.config == first.next.config


def test_both_of_a_split_have_the_next_name(tmp_path: Path) -> None:
    run = copied(UPSTREAM_RUN, tmp_path / "run")
    settings = Settings(intent=Intent.MOTION, trainer=AI_TOOLKIT, split=True)
    old = yaml.safe_load((run / "config.yaml").read_text())["config"]["name"]
    (tmp_path / f"{old}_next_low").mkdir()
    found = next_config(run, settings)
    assert [each.name for each in found.next.configs] == [f"{old}_next2_high", f"{old}_next2_low"]


def test_what_the_name_stood_for_elsewhere_stays(tmp_path: Path) -> None:
    process = {
        "type": "sd_trainer",
        "training_folder": "output/[name]",
        "datasets": [{"folder_path": "clips/[name]"}],
        "trigger_word": "[name]",
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    changes = new_names(Config(read_config(path), TRAINERS[AI_TOOLKIT]), {"wave"}, "so")
    assert {change.path: change.new for change in changes} == {
        "config.name": "wave_next",
        "datasets[0].folder_path": "clips/wave",
        "trigger_word": "wave",
    }


def test_a_young_sound_run_goes_on_under_its_name(v17_dir: Path, tmp_path: Path) -> None:
    run = tmp_path / "run-v17"
    run.mkdir()
    for pattern in ("config.yaml", "*_000000700_*", "*_000000800_*"):
        for file in v17_dir.glob(pattern):
            shutil.copy(file, run)
    report = next_config(run, MOTION)
    assert "config.name" not in told(report)
    assert report.next.goes_on_from == 800


def test_a_healthy_run_is_asked_for_nothing_though_its_next_one_has_a_name(v17_dir: Path) -> None:
    report = next_config(v17_dir, MOTION)
    assert [change.path for change in report.next.written] == ["config.name"]
    assert not report.next.improves
    screen = render(report, "terminal")
    assert "Create the next config" not in screen
    assert "Nothing in the config needs to change. A new run of it is called" in render(report, "markdown", full=True)

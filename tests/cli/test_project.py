"""`diagnose.yaml` beside a config: what it says is used, said with its line, and overruled by the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from clips import write_set

from diagnose import Settings, preflight
from diagnose.cli.main import main
from diagnose.core.values import Intent

RUNS = Path(__file__).parents[1] / "runs" / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(RUNS / "fork-dropped-keys" / "config.yaml", tmp_path / "config.yaml")
    return tmp_path


def run(folder: Path, capsys: pytest.CaptureFixture[str], *extra: str, command: str = "preflight") -> dict[str, Any]:
    source = folder / "config.yaml" if command == "preflight" else folder
    assert main([command, str(source), "--format", "json", "--fail-on", "never", *extra]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


@pytest.mark.parametrize("command", ["preflight", "postmortem"])
@pytest.mark.parametrize("intent", list(Intent))
def test_the_intent_comes_from_the_file_and_says_so(
    folder: Path, intent: Intent, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "diagnose.yaml").write_text(f"# our run\nintent: {intent.value}\n")
    summary = run(folder, capsys, command=command)["run"]
    assert summary["intent"] == intent.value
    assert summary["intent_evidence"] == ["as declared in diagnose.yaml:2"]
    assert "diagnose.yaml" in summary["files"]


def test_another_intent_brings_its_own_half_of_the_advice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "diagnose.yaml").write_text("intent: style\n")
    states = {item["claim"]: item["status"] for item in run(folder, capsys)["checklist"]}
    assert states["CHK-10"] == "not applicable"


def test_the_command_line_wins(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "diagnose.yaml").write_text(
        "intent: style\ntrainer: ai-toolkit\nparameters: {steps_max: 9000, steps_min: 1}\n"
    )
    extra = ("--intent", "motion", "--trainer", "ai-toolkit-relaxis", "--set", "steps_max=8000")
    report = run(folder, capsys, *extra)
    assert (report["run"]["intent"], report["run"]["trainer"]) == ("motion", "ai-toolkit-relaxis")
    assert report["run"]["trainer_evidence"][0]["source"] == {"file": "command line", "key": "--trainer"}
    set_by_us = {param["name"]: param["origin"] for param in report["parameters"] if param["overridden"]}
    assert set_by_us == {"steps_max": "--set", "steps_min": "diagnose.yaml:3"}


def test_every_override_is_shown_with_its_origin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "diagnose.yaml").write_text("trainer: ai-toolkit\nparameters:\n  steps_max: 9000\n")
    main(["preflight", str(folder / "config.yaml"), "--fail-on", "never", "--full"])
    shown = capsys.readouterr().out
    assert "**set by you** (`diagnose.yaml:3`) instead of `2200` steps (DUR-02)" in shown
    assert "A config for **ai-toolkit** (as declared" in shown or "`diagnose.yaml:1`" in shown


def test_the_data_set_is_relative_to_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_set(folder / "clips", 2)
    (folder / "diagnose.yaml").write_text("dataset: clips\nmotion_words: [moonwalk]\n")
    for command in ("preflight", "postmortem"):
        report = run(folder, capsys, command=command)
        assert report["run"]["datasets"][0]["how"] == "given with diagnose.yaml:1"
        assert "caption-lacks-motion" in [finding["name"] for finding in report["findings"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("intent: dance", "diagnose.yaml:1: intent: give 'motion', 'character' or 'style'"),
        ("parameters:\n  steps: 3", "diagnose.yaml:2 steps: there is no such parameter"),
        ("parameters:\n  steps_max: many", "diagnose.yaml:2 steps_max=many: give a whole number of at least 1"),
        ("dataset: gone", "no such folder; give the folder of the clips and captions (diagnose.yaml:1)"),
    ],
)
def test_a_fault_is_one_line_and_the_users(
    folder: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "diagnose.yaml").write_text(text)
    assert main(["preflight", str(folder / "config.yaml")]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_from_python_the_settings_win_too(folder: Path) -> None:
    (folder / "diagnose.yaml").write_text("intent: style\n")
    assert preflight(folder / "config.yaml").run.intent == "style"
    assert preflight(folder / "config.yaml", Settings(intent=Intent.MOTION)).run.intent == "motion"
    write_set(folder / "clips", 2)
    assert preflight(folder / "config.yaml", dataset=folder / "clips").run.datasets


def test_rules_are_ignored_with_a_reason_that_the_report_shows(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "per-expert-lr-not-in-effect"
    (folder / "diagnose.yaml").write_text(f"intent: motion\nignore:\n  {name}: the trainer is patched\n")
    report = run(folder, capsys)
    assert name not in [each["name"] for each in report["findings"]]
    (ignored,) = report["ignored"]
    assert (ignored["reason"], ignored["source"]) == (
        "the trainer is patched",
        {"file": "diagnose.yaml", "line": 3, "key": f"ignore.{name}"},
    )
    assert run(folder, capsys, "--ignore", f"{name}=ours")["ignored"][0]["reason"] == "ours", "the command line wins"
    (folder / "diagnose.yaml").write_text(f"ignore:\n  {name}s: why\n")
    assert main(["preflight", str(folder / "config.yaml")]) == 2
    assert f"diagnose.yaml:2: ignore {name}s: no rule has this id or name" in capsys.readouterr().err
    (folder / "diagnose.yaml").write_text(f"ignore: [{name}]\n")
    assert main(["preflight", str(folder / "config.yaml")]) == 2
    assert "give each rule a reason" in capsys.readouterr().err

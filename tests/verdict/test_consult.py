"""What hangs on an intent that nobody said: told for each answer, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Settings, preflight
from diagnose.core.values import Intent, Severity
from diagnose.verdict.report import Report
from diagnose.verdict.stories import Status

STILLS = {
    "network": {"type": "lora", "linear": 32, "linear_alpha": 32},
    "save": {"save_every": 250, "max_step_saves_to_keep": 20},
    "sample": {"sample_every": 250},
    "datasets": [{"folder_path": "clips", "num_frames": 1, "resolution": [512]}],
    "train": {
        "batch_size": 1,
        "steps": 2000,
        "gradient_accumulation": 1,
        "noise_scheduler": "flowmatch",
        "timestep_type": "linear",
        "optimizer": "adamw8bit",
        "lr": 1.0e-4,
        "switch_boundary_every": 10,
    },
    "model": {"arch": "wan22_14b", "name_or_path": "ai-toolkit/Wan2.2-T2V-A14B-Diffusers-bf16"},
}


def judged(folder: Path, intent: Intent | None = None) -> Report:
    process: dict[str, Any] = {"type": "sd_trainer", **STILLS}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    return preflight(path, Settings(intent=intent))


def test_each_answer_adds_what_asking_for_it_finds(tmp_path: Path) -> None:
    """A supposition holds exactly the findings that the same intent, once said, adds."""
    unsaid = judged(tmp_path)
    there = {(each.name, each.subject) for each in unsaid.findings}
    for supposition in unsaid.suppositions:
        for intent in supposition.intents:
            said = judged(tmp_path, Intent(intent))
            added = [
                (each.name, each.severity, each.message)
                for each in said.findings
                if each.severity is not Severity.GOOD and (each.name, each.subject) not in there
            ]
            assert [(each.name, each.severity, each.message) for each in supposition.findings] == added
    assert sorted(i for each in unsaid.suppositions for i in each.intents) == sorted(each.value for each in Intent)


def test_the_opposite_recipes_are_kept_apart(tmp_path: Path) -> None:
    by_intent = {i: {f.name for f in each.findings} for each in judged(tmp_path).suppositions for i in each.intents}
    assert "lr-ratio-too-small" in by_intent["motion"]
    assert "lr-ratio-too-small" not in by_intent["character"]
    assert by_intent["character"] == by_intent["style"]


@pytest.mark.parametrize("intent", list(Intent))
def test_a_known_intent_leaves_nothing_to_suppose(tmp_path: Path, intent: Intent) -> None:
    assert judged(tmp_path, intent).suppositions == ()


def test_a_run_for_an_unknown_purpose_is_not_called_healthy(tmp_path: Path) -> None:
    report = judged(tmp_path)
    assert {each.severity for each in report.findings} <= {Severity.INFO, Severity.GOOD}
    assert report.verdict.status is Status.ATTENTION
    assert "the intent is unknown" in report.verdict.headline

"""What passes on the checklist was looked at, and is about a run like this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from trainer_names import RELAXIS

from diagnose import Settings, preflight
from diagnose.core.values import Intent
from diagnose.verdict.ticked_items import ChecklistItem, ChecklistStatus

ADAMW = {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 2000, "noise_scheduler": "flowmatch"}
IMAGE_MODEL = {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"}
TEXT_MODEL = {"name_or_path": "ai-toolkit/Wan2.2-T2V-A14B-Diffusers-bf16", "arch": "wan22_14b"}


def items(folder: Path, intent: Intent, trainer: str = RELAXIS, **sections: Any) -> dict[str, ChecklistItem]:
    process = {"type": "sd_trainer", "train": ADAMW, "model": IMAGE_MODEL, **sections}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    empty = folder / "clips"
    report = preflight(path, Settings(intent=intent, trainer=trainer), dataset=empty if empty.is_dir() else None)
    return {item.claim: item for item in report.checklist}


@pytest.mark.parametrize("claim", ["CHK-05", "CHK-06", "CHK-07", "CHK-11", "CHK-14", "CHK-15"])
def test_what_a_rule_for_motion_decides_does_not_pass_for_a_character(tmp_path: Path, claim: str) -> None:
    found = items(tmp_path, Intent.CHARACTER, model=TEXT_MODEL, train={**ADAMW, "batch_size": 8})
    assert found[claim].status is ChecklistStatus.NOT_APPLICABLE
    assert found["CHK-12"].status is ChecklistStatus.PASS


def test_the_boundary_of_another_model_is_no_pass(tmp_path: Path) -> None:
    assert items(tmp_path, Intent.MOTION)["CHK-08"].status is ChecklistStatus.PASS
    other = items(tmp_path, Intent.MOTION, model=TEXT_MODEL)["CHK-08"]
    assert (other.status, other.because) == (
        ChecklistStatus.NOT_APPLICABLE,
        ("about another model: the boundary of this one is 0.875",),
    )


def test_one_expert_has_no_ratio(tmp_path: Path) -> None:
    alone = {**IMAGE_MODEL, "model_kwargs": {"train_low_noise": False}}
    item = items(tmp_path, Intent.MOTION, model=alone)["CHK-09"]
    assert item.status is ChecklistStatus.NOT_APPLICABLE
    assert item.because == ("one expert alone is trained, so there is no ratio",)
    assert items(tmp_path, Intent.MOTION)["CHK-09"].status is ChecklistStatus.FAIL


def test_frames_that_nobody_looked_at_are_not_called_whole(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    found = items(tmp_path, Intent.MOTION, datasets=[{"folder_path": "clips", "num_frames": 40}])
    assert found["CHK-04"].status is ChecklistStatus.OPEN
    assert "no file of it is trained on" in found["CHK-04"].because[0]
    assert "--dataset" not in " ".join(reason for item in found.values() for reason in item.because)
    assert found["CHK-01"].status is ChecklistStatus.FAIL

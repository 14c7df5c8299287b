"""What the next run needs, as far as the time goes: by the log's pace, else by the card."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from physical_logs import Machine, physical_log

from diagnose import DiagnoseError, postmortem, preflight

BEGUN = datetime(2026, 3, 2, 20, 15)  # noqa: DTZ001 - the fork writes naive local times


def process(**sections: Any) -> dict[str, Any]:
    return {
        "type": "diffusion_trainer",
        "network": {"type": "lora", "linear": 16, "linear_alpha": 16},
        "model": {"arch": "wan22_14b", "name_or_path": "ai-toolkit/Wan2.2-T2V-A14B-Diffusers-bf16"},
        "datasets": [{"folder_path": "clips", "num_frames": 41, "resolution": 384}],
        "save": {"save_every": 100},
        **sections,
    }


def a_run(folder: Path, machine: Machine, **sections: Any) -> Path:
    train = {"steps": 2000, "batch_size": 1, "switch_boundary_every": 100, "gradient_checkpointing": True}
    config = {"job": "extension", "config": {"name": "job", "process": [process(train=train, **sections)]}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    rows = physical_log(machine, 1)
    lines = [
        {"step": row.step, "timestamp": (BEGUN + timedelta(seconds=row.time or 0)).isoformat(), "loss": row.loss}
        for row in rows
    ]
    (folder / "metrics_job.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_the_next_run_takes_as_long_as_this_one_did(tmp_path: Path) -> None:
    report = postmortem(a_run(tmp_path, Machine(steps=600, pace=20, noise=0.02)), trainer="ai-toolkit-relaxis")
    assert report.run.pace is not None
    assert report.run.pace.last == pytest.approx(20, rel=0.05)
    needs = report.next.needs
    assert needs is not None
    assert needs.seconds_per_step is not None
    assert needs.seconds_per_step == pytest.approx((20, 20), rel=0.05)
    assert needs.hours is not None
    steps = next((c.new for c in report.next.changes if c.setting == "steps"), 2000)
    assert needs.hours[0] == pytest.approx(float(steps or 0) * 20 / 3600, rel=0.05)
    assert any(each.startswith("time: ") and "as this run was logged" in each for each in needs.because)


def test_a_run_that_became_slow_is_planned_at_its_first_pace(tmp_path: Path) -> None:
    slow = Machine(steps=600, pace=20, noise=0.02, slow_from=300, slow_by=10)
    needs = postmortem(a_run(tmp_path, slow), trainer="ai-toolkit-relaxis").next.needs
    assert needs is not None
    assert needs.seconds_per_step == pytest.approx((20, 20), rel=0.05)


def test_a_config_has_the_hours_of_its_card(tmp_path: Path) -> None:
    path = a_run(tmp_path, Machine(steps=1)) / "config.yaml"
    needs = preflight(path, card="H100", trainer="ai-toolkit-relaxis").needs
    assert needs.hours is not None
    assert needs.seconds_per_step is not None
    assert needs.hours[1] == pytest.approx(2000 * needs.seconds_per_step[1] / 3600, rel=0.1)
    assert any(each.startswith("time: ") and "H100" in each for each in needs.because)
    assert preflight(path, trainer="ai-toolkit-relaxis").needs.hours is None


def test_why_there_is_no_figure_is_told(tmp_path: Path) -> None:
    path = a_run(tmp_path, Machine(steps=1), datasets=[{"folder_path": "clips", "num_frames": 81, "resolution": 1280}])
    needs = preflight(path / "config.yaml", card="H200", trainer="ai-toolkit-relaxis").needs
    assert needs.hours is None
    assert any(each.startswith("time: no figure; ") for each in needs.because)


def test_a_card_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = a_run(tmp_path, Machine(steps=1)) / "config.yaml"
    with pytest.raises(DiagnoseError, match="card 'Voodoo 2': its speed is not known here"):
        preflight(path, card="Voodoo 2")

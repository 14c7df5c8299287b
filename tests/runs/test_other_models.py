"""Models with one transformer: the document's figures are of two experts, so they are not applied, and it is said once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Settings, next_config, preflight
from diagnose.core.values import Intent, Severity

MODELS = [
    ("wan21:14b", "Wan-AI/Wan2.1-T2V-14B-Diffusers"),
    ("wan22_5b", "Wan-AI/Wan2.2-TI2V-5B-Diffusers"),
    ("ltx2", "Lightricks/LTX-2"),
    ("flux", "black-forest-labs/FLUX.1-dev"),
]


def written(folder: Path, arch: str, base: str) -> Path:
    process: dict[str, Any] = {
        "type": "diffusion_trainer",
        "training_folder": "output",
        "network": {"type": "lora", "linear": 32, "linear_alpha": 32},
        "save": {"save_every": 250, "max_step_saves_to_keep": 4},
        "datasets": [{"folder_path": "clips", "num_frames": 33, "caption_ext": "txt", "fps": 16}],
        "train": {
            "steps": 3000,
            "lr": 1e-4,
            "batch_size": 2,
            "optimizer": "adamw8bit",
            "noise_scheduler": "flowmatch",
            "timestep_type": "linear",
            "switch_boundary_every": 1,
        },
        "model": {"arch": arch, "name_or_path": base, "low_vram": True},
        "sample": {"sample_every": 250, "neg": "", "samples": [{"prompt": "a boat turns"}]},
        "logging": {"log_every": 1, "use_ui_logger": True},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [process]}}))
    return path


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize(("arch", "base"), MODELS)
def test_no_figure_of_the_document_judges_them(tmp_path: Path, arch: str, base: str, intent: Intent) -> None:
    report = preflight(written(tmp_path, arch, base), Settings(intent=intent))
    names = [finding.name for finding in report.findings]
    assert names.count("figures-of-another-model") == 1
    assert not [each for each in report.findings if each.severity not in {Severity.INFO, Severity.GOOD}]
    words = " ".join(
        f"{each.title} {each.message}" for each in report.findings if each.name != "figures-of-another-model"
    )
    assert "expert" not in words
    assert not report.plan


@pytest.mark.parametrize(("arch", "base"), MODELS)
def test_the_next_config_leaves_steps_and_rates_alone(tmp_path: Path, arch: str, base: str) -> None:
    report = next_config(written(tmp_path, arch, base), Settings(intent=Intent.MOTION))
    plan = report.next
    assert plan is not None
    assert not plan.outlook
    assert not plan.apart
    assert not [change for change in plan.changes if change.path.startswith(("train.", "save.", "sample."))]


@pytest.mark.parametrize("arch", ["wan22_14b", "wan22_14b:t2v", "wan22_14b_i2v", None])
def test_of_the_two_expert_model_nothing_of_the_kind_is_said(tmp_path: Path, arch: Any) -> None:
    path = written(tmp_path, arch, "ai-toolkit/Wan2.2-T2V-A14B-Diffusers-bf16")
    report = preflight(path, Settings(intent=Intent.MOTION))
    names = {finding.name for finding in report.findings}
    assert "figures-of-another-model" not in names
    assert "steps-configured-too-many" in names

"""Whole pre-flights of configs from public reports, reduced: what must and must not be said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Report, Settings, next_config, preflight
from diagnose.core.values import Intent, Severity

CLIPS = {"folder_path": "clips", "caption_ext": "txt", "resolution": [512], "num_frames": 33, "fps": 16}
STILLS = {**CLIPS, "folder_path": "stills", "num_frames": 1}
SHOT = {"prompt": "a boat turns", "ctrl_img": "boat.png"}


def config(folder: Path, **changed: Any) -> Path:
    """Write a config of upstream's interface for image-to-video; a section is merged, a list replaced."""
    sections: dict[str, Any] = {
        "type": "diffusion_trainer",
        "training_folder": "output",
        "network": {"type": "lora", "linear": 32, "linear_alpha": 32},
        "save": {"dtype": "bf16", "save_every": 100, "max_step_saves_to_keep": 22},
        "datasets": [CLIPS],
        "train": {
            "batch_size": 1,
            "steps": 2000,
            "lr": 1e-4,
            "optimizer": "adamw8bit",
            "noise_scheduler": "flowmatch",
            "timestep_type": "linear",
            "switch_boundary_every": 10,
        },
        "model": {"arch": "wan22_14b_i2v", "name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16"},
        "sample": {"sample_every": 100, "num_frames": 33, "neg": "", "samples": [SHOT]},
        "logging": {"log_every": 1, "use_ui_logger": True},
    }
    for name, keys in changed.items():
        sections[name] = {**sections[name], **keys} if isinstance(keys, dict) else keys
    sections["sample"] = {key: value for key, value in sections["sample"].items() if value != "absent"}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "job", "process": [sections]}}))
    return path


def found(report: Report) -> dict[str, Severity]:
    return {finding.name: finding.severity for finding in report.findings}


def checked(folder: Path, intent: Intent | None = Intent.CHARACTER, **changed: Any) -> dict[str, Severity]:
    return found(preflight(config(folder, **changed), Settings(intent=intent)))


def test_the_first_frame_may_be_given_in_the_prompt(tmp_path: Path) -> None:
    prompts = {"samples": "absent", "prompts": ["a boat turns --w 512 --ctrl_img boat.png"]}
    assert "preview-without-first-frame" not in checked(tmp_path, sample=prompts)
    prompts["prompts"] = ["a boat turns --w 512"]
    assert checked(tmp_path, sample=prompts)["preview-without-first-frame"] is Severity.BLOCKER


def test_clips_at_their_own_length_are_no_stills(tmp_path: Path) -> None:
    counted = [{**STILLS, "auto_frame_count": True}]
    report = preflight(config(tmp_path, datasets=counted))
    assert {"stills-teach-no-motion", "stills-in-a-motion-run"}.isdisjoint(found(report))
    assert report.run.intent == Intent.MOTION.value


@pytest.mark.parametrize("arch", ["wan22_14b", "wan22_14b:t2v"])
def test_the_interfaces_name_of_the_architecture_is_the_trainers(tmp_path: Path, arch: str) -> None:
    model = {"arch": arch, "name_or_path": "ai-toolkit/Wan2.2-T2V-A14B-Diffusers-bf16"}
    assert "stills-in-a-motion-run" in checked(tmp_path, Intent.MOTION, model=model, datasets=[STILLS])


def test_stills_beside_clips_are_a_note_for_a_character(tmp_path: Path) -> None:
    names = checked(tmp_path, datasets=[CLIPS, STILLS])
    assert names["stills-beside-clips"] is Severity.INFO
    assert {"stills-teach-no-motion", "stills-in-a-motion-run"}.isdisjoint(names)
    assert checked(tmp_path, datasets=[STILLS])["stills-teach-no-motion"] is Severity.CRITICAL


def test_the_negative_prompt_is_written_into_the_next_config(tmp_path: Path) -> None:
    path = config(tmp_path, sample={"neg": "absent"})
    assert found(preflight(path))["negative-prompt-missing"] is Severity.BLOCKER
    plan = next_config(path).next
    assert plan is not None
    assert [change.new for change in plan.changes if change.path == "sample.neg"] == [""]


@pytest.mark.parametrize(
    ("section", "keys", "name"),
    [
        ("train", {"lr": None}, "null-stops-the-trainer"),
        ("train", {"steps": "100"}, "number-written-as-text"),
        ("train", {"switch_boundary_every": None}, "null-stops-the-trainer"),
        ("model", {"model_kwargs": None}, "null-stops-the-trainer"),
        ("train", {"optimizer_params": ["weight_decay"]}, "value-of-the-wrong-kind"),
        ("train", {"ema_config": True}, "value-of-the-wrong-kind"),
    ],
)
def test_what_stops_the_trainer_is_taken_out_of_the_next_config(
    tmp_path: Path, section: str, keys: dict[str, Any], name: str
) -> None:
    path = config(tmp_path, **{section: keys})
    assert found(preflight(path))[name] is Severity.BLOCKER
    plan = next_config(path).next
    assert plan is not None
    assert plan.config is not None
    again = tmp_path / "next.yaml"
    again.write_text(plan.config)
    assert name not in found(preflight(again))


def test_no_snr_weighting_is_no_fault(tmp_path: Path) -> None:
    assert "snr-weighting-incompatible" not in checked(tmp_path, train={"min_snr_gamma": 0})
    assert "snr-weighting-incompatible" in checked(tmp_path, train={"min_snr_gamma": 5})


def test_a_missing_job_line_is_written(tmp_path: Path) -> None:
    path = config(tmp_path)
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("job:")))
    assert found(preflight(path))["job-line-missing"] is Severity.BLOCKER
    plan = next_config(path).next
    assert plan is not None
    assert plan.config is not None
    assert yaml.safe_load(plan.config)["job"] == "extension"


def test_inert_settings_are_no_status(tmp_path: Path) -> None:
    path = config(tmp_path, train={"min_denoising_steps": 1}, model={"my_note": False}, network={"linear_alpha": 16})
    report = preflight(path, Settings(intent=Intent.CHARACTER))
    names = found(report)
    assert names["config-key-ignored"] is names["linear-alpha-not-used"] is Severity.INFO
    assert "config-key-unknown" not in names

"""What a run needs, from the config to the report: figures with their parts, or the reason for none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from labelled_runs import DATA
from memory_configs import ARA, I2V, LORA, LOW, SHAPES, TRAIN
from trainer_names import AI_TOOLKIT

from diagnose import DiagnoseError, Report, next_config, postmortem, preflight
from diagnose.cli.main import main
from diagnose.verdict.needs import UNKNOWN_MODEL


def config(folder: Path, **sections: Any) -> Path:
    process = {
        "type": "diffusion_trainer",
        "training_folder": "output",
        "network": LORA,
        "save": {"dtype": "bf16", "save_every": 100, "max_step_saves_to_keep": 4},
        "datasets": [{**SHAPES["512x41"], "cache_latents": False}],
        "train": {**TRAIN, "steps": 2000, "noise_scheduler": "flowmatch", "timestep_type": "linear"},
        "model": {**I2V, **ARA, **LOW, "name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16"},
        **sections,
    }
    path = folder / "wave.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [process]}}))
    return path


UNCHECKED = {**TRAIN, "steps": 2000, "gradient_checkpointing": False}


def judged(folder: Path, vram: float | None = None, ram: float | None = None, **sections: Any) -> Report:
    return preflight(config(folder, **sections), trainer=AI_TOOLKIT, intent="motion", vram=vram, ram=ram)


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


def test_figures_with_their_parts(tmp_path: Path) -> None:
    needed = judged(tmp_path).needs
    assert needed.vram_gb == (20.6, 25.1)
    assert needed.disk_bytes is not None
    assert needed.disk_bytes == pytest.approx(5 * 613.6e6 + 0.62e9, rel=0.01)
    assert needed.fits is None
    assert needed.passes_per_expert == {"high": None, "low": None}
    text = "\n".join(needed.because)
    for part in ("5 saves 3.1 GB", "activations 10.2 GB", "main memory: about 53 GB", "download: 69 GB"):
        assert part in text


@pytest.mark.parametrize(("vram", "fits", "finding"), [
    (16, "does not fit", "gpu-memory-too-small"),
    (24, "cannot tell", "gpu-memory-tight"),
    (32, "fits", None),
])  # fmt: skip
def test_a_named_card_is_judged(tmp_path: Path, vram: float, fits: str, finding: str | None) -> None:
    report = judged(tmp_path, vram)
    assert report.needs.fits == fits
    assert names(report) & {"gpu-memory-too-small", "gpu-memory-tight"} == ({finding} if finding else set())


def test_without_a_card_nothing_is_judged(tmp_path: Path) -> None:
    report = judged(tmp_path)
    assert not names(report) & {"gpu-memory-too-small", "gpu-memory-tight", "main-memory-too-small"}
    assert "--vram GB" in {need for each in report.not_evaluated for need in each.needs}


@pytest.mark.parametrize(("ram", "short"), [(32, True), (64, False)])
def test_main_memory_is_judged(tmp_path: Path, ram: float, *, short: bool) -> None:
    assert ("main-memory-too-small" in names(judged(tmp_path, ram=ram))) is short


def test_another_model_has_no_figure(tmp_path: Path) -> None:
    needed = judged(tmp_path, 24, model={"arch": "flux", "name_or_path": "a/b"}).needs
    assert (needed.vram_gb, needed.fits, needed.disk_bytes) == (None, None, None)
    assert needed.because == (UNKNOWN_MODEL,)


def test_without_checkpointing_a_clip_does_not_fit(tmp_path: Path) -> None:
    report = judged(tmp_path, 24, train=UNCHECKED)
    found = next(finding for finding in report.findings if finding.name == "gradient-checkpointing-off")
    assert "up to 171 GB" in found.message
    assert report.needs.vram_gb == (57.5, 202.1)
    assert report.needs.fits == "does not fit"
    assert report.next.needs is not None
    assert report.next.needs.vram_gb == (20.6, 25.1)  # the next config has it on


@pytest.mark.parametrize(
    ("resolution", "vram", "fires"),
    [(32, None, False), (32, 8, False), (256, None, False), (256, 24, True), (256, 80, False), (512, 141, True)],
)
def test_checkpointing_is_asked_for_where_it_is_needed(
    tmp_path: Path, resolution: int, vram: float | None, *, fires: bool
) -> None:
    clip = {"num_frames": 41, "resolution": [resolution]}
    report = judged(tmp_path, vram, train=UNCHECKED, datasets=[clip])
    assert ("gradient-checkpointing-off" in names(report)) is fires
    assert any(change.setting == "checkpointing" for change in report.next.changes) is fires


def test_what_trained_without_checkpointing_is_left_as_it_is(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(DATA / "fork-w_pruned", run)
    changed = (run / "config.yaml").read_text().replace("num_frames: 5", "num_frames: 41").replace("- 32", "- 512")
    (run / "config.yaml").write_text(changed)
    alone = preflight(run / "config.yaml", intent="motion")
    trained = postmortem(run, intent="motion")
    for report, asked in ((alone, True), (trained, False)):
        assert ("gradient-checkpointing-off" in names(report)) is asked
        assert any(change.setting == "checkpointing" for change in report.next.changes) is asked


def test_a_disk_that_is_too_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 2_000_000_000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage())
    assert "disk-too-small" in names(judged(tmp_path, training_folder=str(tmp_path)))
    Usage.free = 4_000_000_000
    assert "disk-too-small" not in names(judged(tmp_path, training_folder=str(tmp_path)))


@pytest.mark.parametrize("given", [0, 0.5, 24_000_000_000, float("nan")])
def test_memory_that_is_none_is_refused(tmp_path: Path, given: float) -> None:
    with pytest.raises(DiagnoseError, match="give the memory in GB"):
        judged(tmp_path, given)


def test_the_options_of_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(config(tmp_path))
    main(["preflight", path, "--vram", "16", "--ram", "64", "--trainer", AI_TOOLKIT, "--format", "json"])
    assert json.loads(capsys.readouterr().out)["needs"]["fits"] == "does not fit"
    main(["next", path, "--vram", "24", "--trainer", AI_TOOLKIT, "-o", str(tmp_path / "next.yaml")])
    assert " of disk, 21 to 25 GB of GPU (cannot tell)" in capsys.readouterr().err
    assert next_config(Path(path), vram=24).next.needs is not None

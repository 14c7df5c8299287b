"""`diagnose next`: where the config goes, and where the two of a split go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose.cli.main import main

PROCESS = {
    "type": "sd_trainer",
    "network": {"type": "lora", "linear": 32},
    "train": {"optimizer": "adamw8bit", "lr": 1e-4, "steps": 3000, "noise_scheduler": "flowmatch"},
    "model": {"name_or_path": "ai-toolkit/Wan2.2-I2V-A14B-Diffusers-bf16", "arch": "wan22_14b_i2v"},
}
MOTION = ["--intent", "motion", "--trainer", "ai-toolkit"]


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [PROCESS]}}))
    return str(path)


def process(path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load(path.read_text())["config"]["process"][0]
    return entry


def test_one_config_stays_one_run_of_both_experts(config: str, tmp_path: Path) -> None:
    assert main(["next", config, *MOTION, "-o", str(tmp_path / "next.yaml")]) == 0
    assert process(tmp_path / "next.yaml")["train"] == {**PROCESS["train"], "steps": 2200, "timestep_type": "linear"}  # type: ignore[dict-item]
    assert "model_kwargs" not in process(tmp_path / "next.yaml")["model"]


def test_a_hyphen_prints_the_config(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["next", config, *MOTION, "-o", "-"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["config"]["process"][0]["train"]["steps"] == 2200
    assert not Path("-").exists()


def test_a_split_writes_two_files_beside_the_name(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["next", config, *MOTION, "--split", "-o", str(tmp_path / "next.yaml")]) == 0
    assert not (tmp_path / "next.yaml").exists()
    rates = [process(tmp_path / f"next.{expert}.yaml")["train"]["lr"] for expert in ("high", "low")]
    assert rates == [1e-4, 2.5e-5]
    assert "next.high.yaml" in capsys.readouterr().err


def test_a_split_has_both_texts_in_the_json_report(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", config, *MOTION, "--split", "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)["next"]
    assert plan["config"] is None
    assert [each["expert"] for each in plan["configs"]] == ["high", "low"]
    assert all("train_high_noise" in each["config"] for each in plan["configs"])


def test_a_split_without_a_place_to_go_is_a_fault_of_usage(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", config, *MOTION, "--split"]) == 2
    assert "next.high.yaml" in capsys.readouterr().err.lower()


def test_what_cannot_be_split_is_one_line(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = str(tmp_path / "next.yaml")
    assert main(["next", config, "--trainer", "ai-toolkit-relaxis", "--intent", "motion", "--split", "-o", output]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_forecast_of_the_next_config_has_the_shape_of_this_ones(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["next", config, "--trainer", "ai-toolkit-relaxis", "--intent", "motion", "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)["next"]
    assert {"agreement", "points", "assumptions"} <= plan["forecast"].keys()
    assert plan["forecast"]["points"][-1].keys() == {"step", "lr_high", "lr_low", "lr_ratio", "band"}
    assert [row["config"] for row in plan["outlook"]] == ["this config", "recommended", "conservative"]


def test_the_report_on_a_config_speaks_of_no_run(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", config, *MOTION, "--format", "markdown"]) == 0
    page = capsys.readouterr().out
    assert "Length: **3000** steps." in page
    assert "## Checkpoints" not in page.splitlines()
    assert "end unknown" not in page


def written(tmp_path: Path, **model: str) -> str:
    path = tmp_path / "stopped.yaml"
    entry = {**PROCESS, "model": {**PROCESS["model"], **model}}  # type: ignore[dict-item]
    path.write_text(yaml.safe_dump({"job": "extension", "config": {"name": "wave", "process": [entry]}}))
    return str(path)


def test_a_config_that_would_still_be_stopped_ends_with_its_name_and_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, output = written(tmp_path, arch="wan22_14b_t2v"), str(tmp_path / "next.yaml")
    assert main(["next", config, "-o", output]) == 1
    said = capsys.readouterr().err
    assert Path(output).read_text().startswith(Path(config).read_text())
    assert "(no key changed: your config as it was)" in said
    assert "also do by hand (1):\n  - model.arch is" in said
    assert "diagnose: this config would still be blocked (arch-unknown)" in said
    assert main(["next", config, "-o", output, "--fail-on", "never"]) == 0
    assert main(["next", config, "--format", "json"]) == 1
    assert [each["name"] for each in json.loads(capsys.readouterr().out)["next"]["standing"]][:1] == ["arch-unknown"]


def test_keys_are_counted_apart_from_what_is_left_to_the_user(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["next", config, *MOTION, "-o", str(tmp_path / "next.yaml"), "--format", "json"]) == 0
    printed = capsys.readouterr()
    changes = json.loads(printed.out)["next"]["changes"]
    keys = [each for each in changes if each["op"] != "advise" and each["applicability"] != "manual"]
    assert len(keys) < len(changes)
    assert f"({len(keys)} keys changed)" in printed.err
    assert f"also do by hand ({len(changes) - len(keys)}):" in printed.err

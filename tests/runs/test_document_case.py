"""The source document's own run, from its files alone: its conclusions, its figures, its next config."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose import Report, Settings, next_config, postmortem
from diagnose.core.values import Severity
from diagnose.report.formats import render

RECOMMENDED = {
    "high_noise_lr_bump": 2.0e-5,
    "high_noise_min_lr": 2.0e-5,
    "high_noise_max_lr": 5.0e-4,
    "low_noise_lr_bump": 5.0e-6,
    "low_noise_min_lr": 5.0e-6,
    "low_noise_max_lr": 1.0e-4,
    "beta2": 0.999,
    "weight_decay": 1.0e-4,
    "clip_threshold": 1,
}
CONSERVATIVE = {
    **RECOMMENDED,
    "high_noise_lr_bump": 1.5e-5,
    "high_noise_min_lr": 1.5e-5,
    "high_noise_max_lr": 4.0e-4,
}
BASE_KEYS = {"lr_bump", "min_lr", "max_lr"}


def severities(report: Report) -> dict[str, Severity]:
    return {finding.name: finding.severity for finding in report.findings}


def process(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text)["config"]["process"][0]
    return document


def test_the_worst_finding_is_the_documents(v15: Report) -> None:
    assert v15.findings[0].name == "low-noise-overpowering"
    assert v15.findings[0].severity is Severity.CRITICAL
    assert v15.verdict.headline.startswith(v15.findings[0].title)


@pytest.mark.parametrize("name", ["high-noise-too-weak", "lr-ratio-too-small", "trained-too-long"])
def test_the_other_causes_are_at_least_major(v15: Report, name: str) -> None:
    assert severities(v15)[name].rank <= Severity.MAJOR.rank


@pytest.mark.parametrize("name", ["steps-configured-too-many", "alpha-phase-criteria-too-strict"])
def test_the_rest_is_found_too(v15: Report, name: str) -> None:
    assert name in severities(v15)


@pytest.mark.parametrize("name", ["save-cadence-worked", "architecture-right", "alpha-foundation-worked"])
def test_what_worked_is_said(v15: Report, name: str) -> None:
    assert severities(v15)[name] is Severity.GOOD


@pytest.mark.parametrize(
    "figure",
    ["0.0755", "0.0715", "0.0826", "0.0415", "1.48e-4", "1.1e-4", "0.005605", "0.004710", "1.19", "1.35", "5.4 %",
     "7.1 %", "3070", "10000", "0.486"],
)  # fmt: skip
def test_the_figures_agree_to_the_printed_digit(v15: Report, figure: str) -> None:
    assert figure in render(v15, "markdown", full=True)


@pytest.mark.parametrize(("strategy", "block"), [("recommended", RECOMMENDED), ("conservative", CONSERVATIVE)])
def test_the_next_config_is_the_documents_block_with_the_base_keys(
    v15_dir: Path, strategy: str, block: dict[str, float]
) -> None:
    plan = next_config(v15_dir, Settings(strategy=strategy)).next
    assert plan.config is not None
    section = process(plan.config)["train"]
    params = section["optimizer_params"]
    assert {key: params[key] for key in block} == block
    assert params.keys() == block.keys() | BASE_KEYS
    assert section["steps"] == 2200
    assert section["optimizer"] == "automagic"
    assert not plan.conflicts


def test_the_users_comments_and_order_stay(v15_dir: Path) -> None:
    before = (v15_dir / "config.yaml").read_text(encoding="utf-8").splitlines()
    plan = next_config(v15_dir).next
    assert plan.config is not None
    after = plan.config.splitlines()
    changed = tuple(f"{change.path.rsplit('.', 1)[-1]}:" for change in plan.changes if change.path)
    assert [line for line in before if not line.strip().startswith(changed)] == [
        line for line in after if not line.strip().startswith(changed)
    ]
    assert "steps: 2200 # stop by eye" in plan.config


def test_a_second_emission_changes_nothing(v15_dir: Path, tmp_path: Path) -> None:
    first = next_config(v15_dir).next.config
    assert first is not None
    again = tmp_path / "next.yaml"
    again.write_text(first, encoding="utf-8")
    plan = next_config(again).next
    assert [change for change in plan.changes if change.path] == []
    assert plan.config == first


def test_the_successor_is_healthy(v17: Report) -> None:
    assert [finding.name for finding in v17.findings if finding.severity.rank <= Severity.MAJOR.rank] == []
    assert severities(v17)["lr-ratio-held"] is Severity.GOOD
    assert severities(v17)["weight-ratio-held"] is Severity.GOOD
    assert v17.lr_ratio.observed_last == pytest.approx(4.2, abs=0.05)


def test_an_overridden_threshold_is_stated(v15_dir: Path) -> None:
    report = next_config(v15_dir, Settings(parameters={"weight_ratio_min": "1.1"}))
    assert "low-noise-overpowering" not in severities(report)
    assert report.parameters[0].name == "weight_ratio_min"
    assert report.parameters[0].overridden


def test_same_inputs_same_bytes(v15_dir: Path) -> None:
    first, second = (render(next_config(v15_dir), "json") for _ in range(2))
    assert first == second


def test_averages_that_the_fork_never_sets_up_hide_nothing(v15: Report, v15_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / v15_dir.name
    shutil.copytree(v15_dir, folder)
    file = folder / "config.yaml"
    text = file.read_text()
    file.write_text(text.replace("      train:\n", "      train:\n        ema_config: {use_ema: true}\n", 1))
    asked = severities(postmortem(folder))
    assert asked.pop("averages-never-set-up") is Severity.INFO
    assert asked == severities(v15)

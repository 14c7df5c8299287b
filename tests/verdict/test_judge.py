"""What to watch in the next run, and the stop sign: neither where the run is too young or too small for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lora_files import factors
from safetensors.torch import save_file

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent
from diagnose.settings import rule_base

MOTION = Settings(intent=Intent.MOTION)
YOUNG = ("config.yaml", "*_000000100_*", "*_000000200_*")


def said(report: Report) -> str:
    return " ".join(item.says for item in report.plan)


@pytest.fixture(scope="module")
def young(v17_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("young") / "run-v17"
    folder.mkdir()
    for pattern in YOUNG:
        for file in v17_dir.glob(pattern):
            shutil.copy(file, folder)
    return postmortem(folder, MOTION)


def test_a_healthy_run_in_its_first_rise_is_not_told_to_stop(young: Report) -> None:
    # at step 100 the high-noise expert alone has trained
    assert [round(row.weight_ratio or 0, 2) for row in young.checkpoints] == [1.44, 1.40]
    assert "weight-ratio-too-low" not in {finding.name for finding in young.findings}
    (waiting,) = [each for each in young.not_evaluated if each.name == "weight-ratio-too-low"]
    assert "every pair starts near 1.00, and it still rises" in waiting.reason


def test_the_stop_sign_is_a_fall_back_below(young: Report) -> None:
    assert "If the weight ratio high/low falls below 1.5 again" in said(young)


def test_a_network_the_thresholds_do_not_reach_is_not_told_of_the_ratio(tmp_path: Path) -> None:
    for seed, expert in enumerate(("high", "low")):
        save_file(factors(seed=seed), tmp_path / f"tiny_000000100_{expert}_noise.safetensors")
    tiny = postmortem(tmp_path, MOTION)
    assert any("not applied" in sentence for sentence in tiny.run.validity)
    assert "weight ratio" not in said(tiny)
    assert "Run `diagnose` on the run's folder" in said(tiny)


def test_the_thresholds_are_those_of_what_was_found_and_those_the_user_set(young: Report) -> None:
    names = {param.name for param in young.parameters}
    fired = {finding.rule for finding in young.findings}
    rules = rule_base(Settings()).rules
    assert all(
        param.name in names or f"{r.name}.{param.name}" in names for r in rules if r.id in fired for param in r.params
    )
    quiet = {f"{r.name}.{param.name}" for r in rules if r.id not in fired for param in r.params}
    assert quiet.isdisjoint(names)

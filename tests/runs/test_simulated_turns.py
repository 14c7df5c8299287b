"""Whole simulated runs whose experts take turns of a hundred steps, saved every hundred: what their weights tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulation.configs import document_run, recipe, text_of
from simulation.deaths import interrupted
from simulation.events import Events
from simulation.world import DOCUMENT
from simulation.writing import write_run
from trainer_names import RELAXIS

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent, Severity

WEIGHTS = {"low-noise-overpowering", "low-noise-grows-faster", "weight-ratio-too-low", "high-noise-too-weak"}


def told(config: str, folder: Path, seed: int, steps: int | None = None) -> Report:
    """Post-mortem of a run in the document's world, stopped by hand after so many steps."""
    events = Events(death=interrupted(steps)) if steps is not None else Events()
    write_run(config, folder, trainer=RELAXIS, world=DOCUMENT, events=events, seed=seed)
    return postmortem(folder, Settings(intent=Intent.MOTION))


@pytest.mark.parametrize("seed", [11, 13, 16])
def test_every_replica_of_the_documents_run_comes_to_its_conclusion(seed: int, tmp_path: Path) -> None:
    report = told(text_of(document_run()), tmp_path / "run", seed, 3070)
    names = {finding.name: finding.severity for finding in report.findings}
    assert names["low-noise-overpowering"] is Severity.CRITICAL
    assert "low-noise-grows-faster" in names
    assert report.evolution is not None
    assert report.evolution.trajectory is not None
    assert report.evolution.trajectory.compared.startswith(
        "Every second save is compared (step 200, 400, 600 ... 3000)"
    )
    keep = report.evolution.keep
    assert keep is not None
    assert keep.steps
    assert {step // 100 % 2 for step in keep.steps} == {0}, "in the middle of a turn the ratio tells nothing"
    assert max(keep.steps) <= 2400


@pytest.mark.parametrize("strategy", ["recommended", "conservative"])
def test_a_run_of_the_recipe_gets_nothing_grave_about_its_weights(strategy: str, tmp_path: Path) -> None:
    report = told(text_of(recipe(strategy)), tmp_path / "run", 4)
    grave = {finding.name for finding in report.findings if finding.severity.rank <= Severity.MAJOR.rank}
    assert not grave & WEIGHTS
    assert report.evolution is not None
    assert report.evolution.trajectory is not None
    gap = report.evolution.trajectory.courses[0].gap
    assert gap.slope > 0
    assert not {"low-noise-grows-faster", "low-noise-overpowering"} & {finding.name for finding in report.findings}

"""Whole simulated runs, read as a user would have them read: a few of the many in reports/accuracy.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diagnose import Report, Settings, postmortem
from diagnose.domains.wan22.experts import Expert
from simulation import FAULTS, simulate
from simulation.kind import Simulated
from simulation.trial import tried

DOCUMENT_RATES = {Expert.HIGH: 1.48e-4, Expert.LOW: 1.10e-4}
DOCUMENT_MAGNITUDES = {Expert.HIGH: 0.005605, Expert.LOW: 0.004710}
DOCUMENT_GROWTH = {Expert.HIGH: 0.054, Expert.LOW: 0.071}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate("document", tmp_path_factory.mktemp("document") / "run", seed=3)


def read(run: Simulated) -> Report:
    return postmortem(run.folder, Settings(intent=run.kind.intent))


def names(report: Report) -> list[str]:
    return [finding.name for finding in report.findings]


def magnitude(run: Simulated, step: int, expert: Expert) -> float:
    (save,) = (save for save in run.course.saves if save.step == step)
    return float(np.abs(save.weights[expert]).mean())


@pytest.mark.parametrize("expert", Expert)
def test_the_replica_ends_near_the_documents_figures(document: Simulated, expert: Expert) -> None:
    rate = document.course.rows[2400].rates[expert]
    early, late = (magnitude(document, step, expert) for step in (2400, 3000))
    assert rate == pytest.approx(DOCUMENT_RATES[expert], rel=0.06)
    assert early == pytest.approx(DOCUMENT_MAGNITUDES[expert], rel=0.05)
    assert late / early - 1 == pytest.approx(DOCUMENT_GROWTH[expert], abs=0.015)


def test_the_replica_agrees_as_often_as_the_document(document: Simulated) -> None:
    assert np.mean([row.stability for row in document.course.rows]) == pytest.approx(0.486, abs=0.01)


@pytest.mark.parametrize("again", [False, True], ids=["seed 3", "seed 4"])
def test_the_replica_leads_to_the_documents_conclusions(document: Simulated, tmp_path: Path, again: bool) -> None:
    run = simulate("document", tmp_path / "run", seed=4) if again else document
    said = names(read(run))
    assert said[0] == "low-noise-overpowering"
    assert {"low-noise-grows-faster", "lr-ratio-too-small", "trained-too-long"} <= set(said)


@pytest.mark.parametrize(("kind", "seed"), [("recommended", 3), ("conservative", 4)])
def test_a_run_of_the_recipe_is_healthy(tmp_path: Path, kind: str, seed: int) -> None:
    report = read(simulate(kind, tmp_path / "run", seed=seed))
    assert report.verdict.status.value == "healthy"
    assert not {"low-noise-overpowering", "low-noise-grows-faster"} & set(names(report))


@pytest.mark.parametrize("kind", ["keys-dropped", "min-snr", "swap-every-step", "nan-from-the-middle"])
def test_what_was_planted_is_found(tmp_path: Path, kind: str) -> None:
    report = read(simulate(kind, tmp_path / "run", seed=3))
    assert set(FAULTS[kind].causes) & set(names(report))
    assert report.verdict.status.value != "healthy"


def test_the_next_config_cures_the_fault_and_its_run_is_healthy() -> None:
    trial = tried(("equal-rates", 3))
    assert trial.found
    assert trial.first
    assert trial.gone
    assert trial.healed


def test_a_healthy_run_has_no_planted_cause() -> None:
    trial = tried(("shorter", 5))
    assert trial.sound
    assert not trial.found
    assert trial.after is None

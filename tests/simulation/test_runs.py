"""Whole simulated runs, read as a user would have them read: a few of the many in reports/accuracy.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from simulation import simulate
from simulation.kind import Simulated

from diagnose import Report, Settings, postmortem
from diagnose.model import Expert

DOCUMENT_RATES = {Expert.HIGH: 1.48e-4, Expert.LOW: 1.10e-4}
DOCUMENT_MAGNITUDES = {Expert.HIGH: 0.005605, Expert.LOW: 0.004710}
DOCUMENT_GROWTH = {Expert.HIGH: 0.054, Expert.LOW: 0.071}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate("document", tmp_path_factory.mktemp("document") / "run", seed=3)


def read(kind: str, folder: Path, seed: int) -> Report:
    run = simulate(kind, folder, seed=seed)
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
    assert early == pytest.approx(DOCUMENT_MAGNITUDES[expert], rel=0.08)
    assert late / early - 1 == pytest.approx(DOCUMENT_GROWTH[expert], abs=0.02)


def test_the_replica_agrees_as_often_as_the_document(document: Simulated) -> None:
    assert np.mean([row.stability for row in document.course.rows]) == pytest.approx(0.486, abs=0.01)

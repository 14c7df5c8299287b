"""Whole runs of the real trainers: every expected finding is there, and no forbidden one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from labelled_runs import ABSENT, RUNS, Labelled, judged

from diagnose import Report, postmortem
from diagnose.core.values import Severity

STOPPED_IN_A_SAVE = {"fork-m_diskfull", "fork-k_sigint_midsave"}
"""Real runs that ended between the two files of a save."""


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings if finding.severity is not Severity.GOOD}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.path.name)
def test_findings_of_a_labelled_run(run: Labelled) -> None:
    report = judged(run)
    assert report.run.trainer == run.trainer
    assert report.run.trainer_evidence
    found = names(report)
    assert not run.expect - found
    assert not run.forbid & found


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.path.name)
def test_a_run_as_it_was_contradicts_nothing(run: Labelled) -> None:
    halved = run.path.name in STOPPED_IN_A_SAVE and any(run.path.glob("*.safetensors"))
    found = {finding.name for finding in judged(run).findings if finding.rule.startswith("OBS")}
    assert found == ({"half-of-a-pair-missing"} if halved else set())


@pytest.mark.parametrize("name", ABSENT)
def test_a_labelled_run_is_at_hand(name: str) -> None:
    pytest.skip(f"{name} is not in this repository, and shared/cases is not beside this checkout")


@pytest.mark.parametrize("run", RUNS[:9], ids=lambda run: run.path.name)
def test_a_run_folder_is_left_as_it_was(run: Labelled) -> None:
    before = fingerprint(run.path)
    postmortem(run.path)
    assert fingerprint(run.path) == before


@pytest.mark.parametrize("run", RUNS[:9], ids=lambda run: run.path.name)
def test_every_finding_rests_on_evidence_with_a_place(run: Labelled) -> None:
    for finding in judged(run).findings:
        assert finding.evidence or finding.chain, finding.name
        assert all(evidence.source is not None for evidence in finding.evidence), finding.name
        assert finding.claims or finding.sources, finding.name
        assert finding.known_problems


def test_the_score_over_all_labelled_runs(capsys: pytest.CaptureFixture[str]) -> None:
    hits = misses = forbidden = 0
    for run in RUNS:
        found = names(judged(run))
        hits, misses = hits + len(run.expect & found), misses + len(run.expect - found)
        forbidden += len(run.forbid & found)
    with capsys.disabled():
        print(f"\n{hits}/{hits + misses} expected findings, {forbidden} forbidden, over {len(RUNS)} labelled runs")
    assert (misses, forbidden) == (0, 0)


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

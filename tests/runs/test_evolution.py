"""What becomes of the weights over whole runs: who gains and how sure that is, and which checkpoint to keep."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from diagnose import Report, Settings, postmortem
from diagnose.core.values import Intent, Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.keep import Keep
from diagnose.facts.weights.pairs import in_words
from diagnose.facts.weights.trajectory import Trajectory
from diagnose.report.formats import render


def course(report: Report) -> Trajectory:
    assert report.evolution is not None
    assert report.evolution.trajectory is not None
    return report.evolution.trajectory


def choice(report: Report) -> Keep:
    assert report.evolution is not None
    assert report.evolution.keep is not None
    return report.evolution.keep


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


@pytest.fixture(scope="session")
def undecided(v15_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The document's run with the checkpoints around step 2200, where the ratio was level."""
    folder = tmp_path_factory.mktemp("undecided") / "run-v15"
    shutil.copytree(v15_dir, folder)
    for path in folder.glob("*.safetensors"):
        if not 1750 <= int(path.name.split("_")[1]) <= 2650:
            path.unlink()
    return postmortem(folder)


def test_the_documents_run_turned_where_the_document_says(v15: Report) -> None:
    turn = course(v15).courses[0].turn
    assert turn is not None
    assert turn.earliest <= 2400 <= turn.latest
    assert course(v15).growth_ratio == pytest.approx(1.3, abs=0.05)
    assert 2400 in choice(v15).steps, "the document's best checkpoint"
    assert 3000 not in choice(v15).steps


def test_by_the_norm_of_the_update_nobody_gained(v15: Report) -> None:
    assert course(v15).courses[-1].turn is None


def test_a_trend_inside_its_noise_is_inconclusive_and_never_passed(undecided: Report) -> None:
    found = next(finding for finding in undecided.findings if finding.name == "growth-inconclusive")
    assert found.severity is Severity.INFO
    assert "more checkpoints at this spacing would settle it" in found.message
    waiting = {rule.name for rule in undecided.not_evaluated}
    assert {"low-noise-grows-faster", "low-noise-overpowering"} <= waiting
    assert not {"low-noise-grows-faster", "low-noise-overpowering"} & {rule.name for rule in undecided.passed}
    assert "**Inconclusive:**" in render(undecided, "markdown", full=True)


def test_the_successor_is_quiet_about_its_weights(v17: Report) -> None:
    assert "growth-inconclusive" not in names(v17)
    assert course(v17).courses[0].gap.low > 0
    assert 2200 in choice(v17).steps


def test_both_experts_of_the_examples_held_their_direction(v17: Report) -> None:
    assert v17.evolution is not None
    for direction in v17.evolution.directions:
        assert direction.cosines[-1] is not None
        assert direction.cosines[-1] > 0.8


def test_the_intent_turns_the_preference_round(v15_dir: Path) -> None:
    steps = choice(postmortem(v15_dir, Settings(intent=Intent.CHARACTER))).steps
    assert steps
    assert max(steps) < 2200
    assert 2400 not in steps


def test_the_choice_in_json(v15: Report) -> None:
    document: dict[str, Any] = json.loads(render(v15, "json"))
    kept = {row["step"]: (row["keep"], row["why"]) for row in document["checkpoints"]}
    assert kept[2200] == (True, "equal to the best by all criteria")
    assert kept[3000] == (False, "left out by: length")
    assert document["keep"]["steps"] == [step for step, (keep, _) in kept.items() if keep]
    assert {"criterion", "favours", "because", "decides", "narrows", "overruled"} == document["keep"]["opinions"][
        0
    ].keys()
    assert document["trajectory"]["courses"][0]["turn"]["step"] == 2200
    assert [each["expert"] for each in document["locations"]] == [expert.value for expert in Expert]


def test_the_rule_advises_what_the_choice_says(v15: Report) -> None:
    steps = choice(v15).steps
    worst = next(finding for finding in v15.findings if finding.name == "low-noise-overpowering")
    saved = choice(v15).saved
    assert any(f"keep one of {in_words(steps, saved)}; weights" in change.because for change in worst.changes)

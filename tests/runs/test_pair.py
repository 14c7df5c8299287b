"""Two runs of one expert each, judged as a pair from their folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_pairs import write_half
from trainer_names import AI_TOOLKIT

from diagnose import DiagnoseError, Settings, postmortem
from diagnose.report.formats import render

SAID = Settings(intent="motion", trainer=AI_TOOLKIT)


def test_a_pair_is_judged_as_one_run_of_two_trainings(tmp_path: Path) -> None:
    high = write_half(tmp_path / "high", "high", rate=1e-4, steps=60)
    low = write_half(tmp_path / "low", "low", rate=1e-4, steps=80)
    report = postmortem(high, SAID, partner=low)
    told = json.loads(render(report, "json"))
    assert told["run"]["trainings"] == [
        {
            "experts": [expert],
            "trainer": "ai-toolkit",
            "path": str(folder),
            "steps_trained": steps,
            "steps_configured": steps,
            "ended": "finished",
        }
        for expert, folder, steps in (("high", high, 60), ("low", low, 80))
    ]
    assert told["lr_ratio"]["observed_median"] == pytest.approx(1.0)
    short = [f for f in report.findings if f.name == "steps-configured-too-few"]
    assert [{e.subject for e in f.evidence} for f in short] == [{"high"}, {"low"}]
    assert ["60 steps" in short[0].message, "80 steps" in short[1].message] == [True, True]
    ratio = [f for f in report.findings if f.name == "lr-ratio-too-small"]
    assert [{e.subject for e in f.evidence} for f in ratio] == [{"run"}]
    assert told["next"]["config"] is None
    assert "lr-ratio-too-small" in render(report, "markdown")
    assert [(each.expert, each.last) for each in report.curves.sessions] == [("high", 59), ("low", 79)]
    assert report.card is not None
    assert [(each.expert, each.strength) for each in report.card.files] == [("high", 1.0), ("low", 1.0)]
    assert "high noise 1" in render(report, "html")


def test_two_runs_of_one_expert_are_refused(tmp_path: Path) -> None:
    high = write_half(tmp_path / "high", "high", rate=1e-4, steps=60)
    with pytest.raises(DiagnoseError, match=r"^no pair: "):
        postmortem(high, SAID, partner=high)

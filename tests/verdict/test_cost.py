"""What a change costs decides whether it is looked at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import config_of

from diagnose.core.model import Scalar
from diagnose.rulebase.rule import Applicability, ChangeOp
from diagnose.verdict.cost import with_its_cost
from diagnose.verdict.outcome import Change


@pytest.mark.parametrize(
    ("path", "new", "applicability", "cost"),
    [
        ("train.steps", 2200, Applicability.REVIEW, "; 55 times as long"),
        ("train.steps", 60, Applicability.REVIEW, "; 1.5 times as long"),
        ("train.steps", 40, Applicability.SAFE, ""),
        ("train.steps", 20, Applicability.SAFE, ""),
        ("save.max_step_saves_to_keep", 22, Applicability.REVIEW, "; 5.5 times as many saves on the disk"),
        ("sample.sample_every", 100, Applicability.REVIEW, "; 2.5 times as many previews"),
        ("datasets[0].num_frames", 81, Applicability.REVIEW, "; 2 times as long"),
        ("logging.log_every", 1, Applicability.SAFE, ""),
        ("train.steps", "many", Applicability.SAFE, ""),
    ],
)
def test_what_costs_more_is_looked_at_first(
    tmp_path: Path, path: str, new: Scalar, applicability: Applicability, cost: str
) -> None:
    config = config_of(
        tmp_path,
        train={"steps": 40},
        save={"max_step_saves_to_keep": 4},
        sample={"sample_every": 250},
        datasets=[{"num_frames": 41}],
    )
    change = Change(path, ChangeOp.SET, None, new, "so", (), Applicability.SAFE, ())
    found = with_its_cost(change, config)
    assert (found.applicability, found.because) == (applicability, f"so{cost}")


def test_what_the_user_does_by_hand_stays_so(tmp_path: Path) -> None:
    config = config_of(tmp_path, train={"steps": 40})
    change = Change("train.steps", ChangeOp.SET, 40, 2200, "so", (), Applicability.MANUAL, ())
    assert with_its_cost(change, config).applicability is Applicability.MANUAL
    assert with_its_cost(change, None) == change

"""A remedy's known limits go with the keys it changes."""

from __future__ import annotations

from pathlib import Path

from builders import reading
from trainer_names import RELAXIS

from diagnose import Settings, preflight
from diagnose.core.values import Intent

KEY = "network.alpha_schedule.linear_alpha"


def test_a_larger_scale_says_what_it_does_to_the_rate(tmp_path: Path) -> None:
    network = {
        "type": "lora",
        "linear": 64,
        "linear_alpha": 16,
        "alpha_schedule": {"enabled": True, "linear_alpha": 16},
    }
    train = {"optimizer": "automagic", "lr": 1e-5, "steps": 2000}
    reading(tmp_path, network=network, train=train, model={"arch": "wan22_14b_i2v"})
    plan = preflight(tmp_path / "config.yaml", Settings(intent=Intent.MOTION, trainer=RELAXIS)).next
    assert KEY in {change.path for change in plan.written}
    caveats = [each for each in plan.caveats if KEY in each.paths]
    assert {caveat.rule for caveat in caveats} == {"train-at-the-exported-scale"}
    assert "act more strongly" in caveats[0].says
    assert "Linear alpha scale is HIGH" in caveats[1].says
    assert not any("train.lr" in caveat.paths for caveat in caveats)

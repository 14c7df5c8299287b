"""The plan: a remedy's known limits go with the keys it changes, and where nothing is written a note says why."""

from __future__ import annotations

from pathlib import Path

from builders import reading
from trainer_names import RELAXIS

from diagnose import Settings, next_config, preflight
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


def test_a_note_says_why_nothing_is_written(tmp_path: Path) -> None:
    shared = "job: extension\nconfig: {name: a, process: [{train: &t {steps: 60000, lr: 0.3}, other: *t}]}\n"
    (tmp_path / "shared.yaml").write_text(shared)
    plan = preflight(tmp_path / "shared.yaml", Settings(intent=Intent.MOTION, trainer=RELAXIS)).next
    assert (plan.config, plan.diff) == (None, None)
    assert plan.note.startswith("the config could not be edited: ")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "metrics_bare.jsonl").write_text('{"step": 0, "loss": 0.1, "lr_0": 1e-5, "lr_1": 1e-5}\n')
    plan = next_config(bare, Settings(intent=Intent.MOTION, trainer=RELAXIS)).next
    assert (plan.config, plan.diff, plan.note) == (None, None, "there is no config to change")


def test_a_config_as_it_should_be_stays_byte_for_byte(tmp_path: Path) -> None:
    chosen = Settings(intent=Intent.MOTION, trainer=RELAXIS)
    text = reading(tmp_path, train={"steps": 60000}).text
    for _ in range(2):
        plan = preflight(tmp_path / "config.yaml", chosen).next
        assert plan.config is not None
        (tmp_path / "config.yaml").write_text(plan.config)
    assert plan.config != text
    assert (plan.diff, plan.note) == (None, "no key of the config changes")

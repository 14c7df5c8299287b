"""What a switch of the expert is expected to take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, readings, recorder, value
from run_evidence import evidence

from diagnose.facts.needs.switch_time import extract
from diagnose.facts.recorder import Recorder


def recorded(folder: Path, pace: float | None = None, switch: int = 1, **model: Any) -> Recorder:
    config = config_of(
        folder,
        model={"arch": "wan22_14b_i2v", "low_vram": True, **model},
        train={"switch_boundary_every": switch},
    )
    record = recorder()
    if pace is not None:
        record.known("log.pace_best", pace)
    extract(evidence(config, readings()), record)
    return record


@pytest.mark.parametrize(
    ("model", "seconds"),
    [
        ({"quantize": True, "qtype": "uint4|ostris/accuracy_recovery_adapters/some.safetensors"}, 2),
        ({"quantize": True, "qtype": "qfloat8"}, 3.6),
        ({}, 7.1),
    ],
)
def test_a_switch_takes_both_experts_over_the_bus(tmp_path: Path, model: dict[str, Any], seconds: float) -> None:
    assert value(recorded(tmp_path, **model), "effective.switch_seconds") == pytest.approx(seconds, rel=0.05)


def test_what_the_log_tells_goes_before_the_estimate(tmp_path: Path) -> None:
    config = config_of(tmp_path, model={"arch": "wan22_14b_i2v", "low_vram": True}, train={"switch_boundary_every": 2})
    record = recorder()
    record.known("log.switch_seconds", 9.0)
    record.known("log.pace_best", 30.0)
    extract(evidence(config, readings()), record)
    assert value(record, "effective.switch_seconds") == 9
    assert value(record, "gap.switch_share") == pytest.approx(0.15)


def test_the_share_is_of_a_step_as_logged(tmp_path: Path) -> None:
    assert value(recorded(tmp_path, 20, qtype="qfloat8", quantize=True), "gap.switch_share") == pytest.approx(
        0.18, abs=0.01
    )
    assert value(recorded(tmp_path, 20, 10), "gap.switch_share") == pytest.approx(0.036, abs=0.002)
    assert value(recorded(tmp_path, 2), "gap.switch_share") == 1, "no share is over the whole"
    assert value(recorded(tmp_path), "gap.switch_share") is None


@pytest.mark.parametrize("model", [{"low_vram": False}, {"quantize": True, "qtype": "unheard-of"}, {"arch": "wan21"}])
def test_where_nothing_is_moved_or_known_nothing_is_told(tmp_path: Path, model: dict[str, Any]) -> None:
    assert value(recorded(tmp_path, 20, **model), "effective.switch_seconds") is None

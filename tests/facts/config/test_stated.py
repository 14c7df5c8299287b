"""What a config says, as facts."""

from pathlib import Path
from typing import Any

import pytest
from builders import config_of, facts_of, recorder, value

from diagnose.facts.config.stated import record_stated
from diagnose.facts.recorder import Recorder
from diagnose.trainers.declared import Config


def recorded(config: Config) -> Recorder:
    record = recorder()
    record_stated(config, record)
    return record


def test_a_null_is_no_default(tmp_path: Path) -> None:
    absent = recorded(config_of(tmp_path, train={"steps": 100}))
    assert value(absent, "config.save_every") == 1000
    null = recorded(config_of(tmp_path, train={"steps": 100}, save={"save_every": None}))
    assert not facts_of(null)["config.save_every", "run"].known


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({}, "none"),
        ({"min_snr_gamma": None}, "none"),
        ({"min_snr_gamma": 0}, "none"),
        ({"min_snr_gamma": 1e-6}, "none"),
        ({"min_snr_gamma": 2e-6}, "min_snr_gamma"),
        ({"learnable_snr_gos": False}, "none"),
        ({"learnable_snr_gos": True}, "learnable_snr_gos"),
    ],
)
def test_nothing_and_zero_ask_for_no_snr_weighting(tmp_path: Path, written: dict[str, Any], key: str) -> None:
    assert value(recorded(config_of(tmp_path, train=written)), "config.snr_key") == key
